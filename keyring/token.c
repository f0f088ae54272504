/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tokens: which provider or engine has a key. The one file that knows OpenSSL's engines. */

/* OpenSSL 3 deprecates engines, but Debian 12 has no provider for PKCS #11. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "keyring/token.h"

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "src/base/text.h"

static const struct {
	const char *scheme, *provider;
} providers[] = {
	{"pkcs11:", "pkcs11"},
	{"handle:", "tpm2"},
	{"object:", "tpm2"},
};

static bool has_scheme(const char *uri, const char *scheme)
{
	return strncmp(uri, scheme, strlen(scheme)) == 0;
}

/* Beside the default provider, which stays. Without the module, the store says so later. */
static void load_provider(const char *name)
{
	if (OSSL_PROVIDER_available(NULL, name) != 1)
		OSSL_PROVIDER_try_load(NULL, name, /* retain_fallbacks= */ 1);
	openssl_forget();
}

int token_prepare(const char *uri, struct diag *reterr)
{
	if (has_scheme(uri, "pkcs11:") && strstr(uri, "pin-value=")) {
		/* Not with diag_set(…, uri): the message must not show it once more. */
		diag_set(reterr, -EINVAL, "the URI has a PIN in it, which everybody can read");
		diag_hint(reterr, "leave pin-value= away; change the PIN; see --passphrase-fd");
		return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(providers); i++)
		if (has_scheme(uri, providers[i].scheme))
			load_provider(providers[i].provider);
	return 0;
}

void token_prepare_tpm(void)
{
	load_provider("tpm2");
}

bool token_needs_engine(const char *uri)
{
	if (!has_scheme(uri, "pkcs11:"))
		return false;
	OSSL_STORE_LOADER *loader = OSSL_STORE_LOADER_fetch(NULL, "pkcs11", NULL);
	bool known = loader != NULL;

	OSSL_STORE_LOADER_free(loader);
	openssl_forget();
	return !known;
}

/*
 * The engine, once, and until the end of the process: the keys work only as long as it lives. Never
 * finished: libp11 0.4.12 crashes where that happens after a failed login.
 */
static ENGINE *find_engine(void)
{
	static ENGINE *engine;

	if (engine)
		return engine;
	/* libp11 asks getenv() for code to load, even where others' environment must not count. */
	if (!secure_getenv("PKCS11_MODULE_PATH"))
		unsetenv("PKCS11_MODULE_PATH");
	ENGINE *found = ENGINE_by_id("pkcs11");
	/* It would write the messages of its error queue to stderr too. */
	if (found)
		ENGINE_ctrl_cmd_string(found, "QUIET", NULL, 0);
	if (found && ENGINE_init(found) == 1)
		engine = found;
	return engine;
}

/* It logs in where it must to see certificates, and would ask on its own behalf. */
static X509 *find_certificate(ENGINE *engine, const char *uri)
{
	struct {
		const char *uri;
		X509 *certificate;
	} parameters = {.uri = uri};

	ENGINE_ctrl_cmd(engine, "LOAD_CERT_CTRL", 0, &parameters, NULL, 0);
	return parameters.certificate;
}

/* CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE and CKR_PIN_LOCKED of PKCS #11. */
static bool is_pin_refused(void)
{
	int reason = ERR_GET_REASON(ERR_peek_error());
	return reason == 0xa0 || reason == 0xa2 || reason == 0xa4;
}

/*
 * State shared with the engine, for as long as it lives: keys that want their PIN for each
 * signature (a PIV card's second) ask when token_load() is long over.
 */
static struct {
	char *uri; /* owned */
	bool loading, asked, answered;
} pin;

static int ask_pin(char *buffer, int size, int writing, void *data)
{
	/* Once for each key: a refused PIN is not tried again. */
	if (pin.loading && pin.asked)
		return -1;
	pin.asked = true;
	_cleanup_free_ char *uri = escape_text(pin.uri, strlen(pin.uri));
	_cleanup_free_ char *what = format_text("PIN of '%s'", uri ? uri : "");
	int n = what ? secret_ask(what, buffer, (size_t)size) : -1;
	pin.answered = n >= 0;
	/* Any other number below 0 would count as an answer, of no bytes, and use up one try. */
	return n < 0 ? -1 : n;
}

static int introduce(ENGINE *engine, const char *uri, UI_METHOD **ret)
{
	static UI_METHOD *ui;

	if (!ui)
		ui = UI_UTIL_wrap_read_pem_callback(ask_pin, 0);
	free(pin.uri);
	pin.uri = strdup(uri);
	pin.loading = true;
	pin.asked = pin.answered = false;
	if (!ui || !pin.uri || ENGINE_ctrl_cmd(engine, "SET_USER_INTERFACE", 0, ui, NULL, 0) != 1)
		return -ENOMEM;
	*ret = ui;
	return 0;
}

static int explain(const char *uri, struct diag *reterr)
{
	if (pin.asked && !pin.answered) {
		openssl_forget();
		return secret_explain(
			uri, "PIN", "token with a PIN", /* answered= */ false, reterr);
	}
	if (is_pin_refused()) {
		openssl_diag(reterr, -ENOKEY, "'%s': the token refused the PIN", uri);
		diag_hint(reterr, "after a few wrong ones a token locks itself");
		return -ENOKEY;
	}
	openssl_diag(reterr, -ENOENT, "no token has '%s'", uri);
	diag_hint(reterr, "p11tool --list-all or pkcs11-tool --list-objects shows what there is");
	return -ENOENT;
}

static int load_both(ENGINE *engine, const char *uri, EVP_PKEY **ret_key, X509 **ret_certificate,
	struct diag *reterr)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	UI_METHOD *ui;

	if (introduce(engine, uri, &ui) < 0)
		return openssl_diag(reterr, -ENOMEM, "can't talk to the token");
	/*
	 * The key first: a PIN that was refused once must not be tried again for the certificate.
	 */
	if (!strstr(uri, "type=cert"))
		key = ENGINE_load_private_key(engine, uri, ui, NULL);
	if (key || !is_pin_refused())
		certificate = find_certificate(engine, uri);
	pin.loading = false;
	if (!key && !certificate)
		return explain(uri, reterr);
	openssl_forget();
	*ret_key = key;
	*ret_certificate = certificate;
	return 0;
}

int token_load(const char *uri, EVP_PKEY **ret_key, X509 **ret_certificate, struct diag *reterr)
{
	ENGINE *engine = find_engine();

	if (engine)
		return load_both(engine, uri, ret_key, ret_certificate, reterr);
	openssl_diag(reterr, -ENOPKG, "OpenSSL knows no PKCS #11");
	diag_hint(reterr, "install pkcs11-provider, or libengine-pkcs11-openssl");
	return -ENOPKG;
}

const char *token_properties(const EVP_PKEY *key, char text[KEY_PROPERTIES_SIZE])
{
	const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(key);
	const char *name = provider ? OSSL_PROVIDER_get0_name(provider) : "default";

	if (strcmp(name, "default") == 0)
		return NULL;
	/* A TPM would hash too, a hundred times slower. */
	snprintf(text, KEY_PROPERTIES_SIZE, "?provider=%s,tpm2.digest!=yes", name);
	return text;
}
