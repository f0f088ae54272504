/* SPDX-License-Identifier: GPL-2.0-or-later */

/* main() of bpfsign: the table of its commands. */

#include "src/bpfsign/bpfsign.h"

#include "src/status/status.h"

static const struct command commands[] = {
	{"keygen", "NAME", "make a key and its certificate", keygen_options, cmd_keygen},
	{"enroll", "KEY", "trust a certificate as a signer's", enroll_options, cmd_enroll},
	{"unenroll", "SIGNER", "trust a signer no more", unenroll_options, cmd_unenroll},
	{"rotate", "SIGNER KEY FILE…", "from a signer's old key to a new one", rotate_options,
		cmd_rotate},
	{"export", "SIGNER", "print a signer's certificates", export_options, cmd_export},
	{"keys", "", "list the signers and their keys", keys_options, cmd_keys},
	{"seal", "", "let no order change the signers' keyrings", NULL, cmd_seal},
	{"unseal", "", "let orders change them again, by an order", unseal_options, cmd_unseal},
	{"sign", "FILE…", "sign files and seal them with fs-verity", sign_options, cmd_sign},
	{"digest", "FILE…", "print what whoever signs files elsewhere needs", digest_options,
		cmd_digest},
	{"apply", "MANIFEST", "put on files what was signed elsewhere", apply_options, cmd_apply},
	{"prune", "MANIFEST…", "take out of manifests what has vanished", prune_options, cmd_prune},
	{"settle", "FILE…", "drop what of sealed files was in memory before", settle_options,
		cmd_settle},
	{"verify", "FILE…", "say who signed files, and as what", verify_options, cmd_verify},
	{"order", "VERB [ARGUMENT] | show FILE", "make an order that loosens the enforcement",
		order_options, cmd_order},
	{"inspect", "FILE | prog ID | map ID", "say what a policy sees of programs and maps",
		inspect_options, cmd_inspect},
	{"policy", "check|show FILE", "check or show a policy file", policy_options, cmd_policy},
	{"ima-policy", "[POLICY]", "print the rules for IMA that a policy needs",
		ima_policy_options, cmd_ima_policy},
	{"status", "", "say what this kernel and setup can do", status_options, status_run},
	{NULL, NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	return command_main(commands,
		"Signs the programs that may use BPF, and says who signed what.", argc, argv);
}
