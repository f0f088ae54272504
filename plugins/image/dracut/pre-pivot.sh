#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dracut: the last step before the real root's init. In a shell of its own: dracut sources this.

/usr/lib/bpfsign/initrd-start "${NEWROOT:?}"
