/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Changes keyrings, the kernel's own rings and the disk, in the order that leaves no key half
 * trusted. */

#include "src/trust/trust.h"

#include <string.h>

#include "keyring/cert.h"
#include "src/base/base.h"

int trust_certify(struct key *key, const char *signer, bool *ret_made, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	_cleanup_x509_ X509 *made = NULL;

	int r = anchors_load(&anchors, reterr);
	if (r >= 0)
		r = cert_make(key->private_key, signer, CERT_DAYS_DEFAULT, &made, reterr);
	if (r < 0)
		return r;
	const struct anchor *known = anchors_find_key(&anchors, signer, made);
	X509_free(key->certificate);
	key->certificate = known ? cert_keep(known->certificate) : TAKE_PTR(made);
	*ret_made = !known;
	return 0;
}

int trust_add_to_kernel(struct trust *trust, struct diag *reterr)
{
	int r = keyring_make(trust->signer, &trust->ring, reterr);
	return r < 0 ? r : keyring_add(trust->ring, trust->certificate, &trust->key, reterr);
}

int trust_add(struct trust *trust, struct diag *reterr)
{
	int r = trust_add_to_kernel(trust, reterr);
	if (r < 0)
		return r;
	r = anchors_add(trust->signer, trust->certificate, trust->marks, reterr);
	if (r < 0)
		diag_hint(reterr, "the kernel trusts it until the next boot; enroll it again");
	return r;
}

/* IMA's all at once: its ring is closed when they are in it. */
static int add_to_ima(const struct anchors *anchors, struct trust_rings *ret, struct diag *reterr)
{
	_cleanup_free_ X509 **certificates = calloc(anchors->n + 1, sizeof(*certificates));
	size_t n = 0;

	if (!certificates)
		return diag_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; i < anchors->n; i++)
		if (anchors->items[i].marks & ANCHOR_IMA &&
			cert_check(anchors->items[i].certificate, time(NULL), NULL) == 0)
			certificates[n++] = anchors->items[i].certificate;
	ret->has_ima = n > 0;
	return n > 0 ? ima_pin(certificates, n, &ret->pin, reterr) : 0;
}

int trust_add_to_rings(struct trust_rings *ret, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	struct trust_rings rings = {0};
	key_serial_t key;

	int r = anchors_load(&anchors, reterr);
	for (size_t i = 0; r >= 0 && i < anchors.n; i++)
		if (anchors.items[i].marks & ANCHOR_FSVERITY &&
			cert_check(anchors.items[i].certificate, time(NULL), NULL) == 0)
			r = kernel_rings_add(
				KERNEL_RING_FSVERITY, anchors.items[i].certificate, &key, reterr);
	if (r >= 0)
		r = add_to_ima(&anchors, &rings, reterr);
	if (r < 0)
		return r;
	*ret = rings;
	return 0;
}

static int retire_from_rings(X509 *certificate, struct diag *reterr)
{
	int r = 0;

	for (enum kernel_ring which = 0; r >= 0 && which < KERNEL_RING_END; which++)
		r = kernel_rings_remove(which, certificate, reterr);
	return r;
}

int trust_retire_from_rings(const struct anchors *anchors, const char *signer, struct diag *reterr)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < anchors->n; i++)
		if (anchors->items[i].marks & (ANCHOR_IMA | ANCHOR_FSVERITY) &&
			strcmp(anchors->items[i].signer, signer) == 0)
			r = retire_from_rings(anchors->items[i].certificate, reterr);
	return r < 0 ? r : 0;
}

int trust_retire(const struct anchor *anchor, struct diag *reterr)
{
	key_serial_t ring;

	int r = keyring_find(anchor->signer, &ring, reterr);
	if (r >= 0)
		r = keyring_remove(ring, anchor->certificate, reterr);
	if ((r >= 0 || r == -ENOENT) && anchor->marks & (ANCHOR_IMA | ANCHOR_FSVERITY))
		r = retire_from_rings(anchor->certificate, reterr);
	return r < 0 && r != -ENOENT ? r : anchors_remove_one(anchor, reterr);
}
