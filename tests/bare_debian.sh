#!/bin/bash
# Tries the set-up on a bare Debian 12, where neither compiler nor Node is there.
#
#   sudo tests/bare_debian.sh FOLDER [root|user] [COMMAND...]
#
# Makes FOLDER a minimal Debian 12 root with debootstrap (once), clones this
# repository into it and runs COMMAND there (default: ./drydock setup), as root
# or as an ordinary user with sudo. Not part of ./drydock test: it needs
# debootstrap, root and some gigabytes.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bare=${1:?which folder?}
who=${2:-user}
shift $(($# < 2 ? $# : 2))
[ $# = 0 ] && set -- ./drydock setup

if [ ! -x "$bare/usr/bin/apt-get" ]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
  debootstrap --variant=minbase --include=sudo,passwd bookworm "$bare" "$mirror"
fi
mountpoint -q "$bare/proc" || mount -t proc proc "$bare/proc"
mountpoint -q "$bare/dev" || mount --rbind /dev "$bare/dev"
mountpoint -q "$bare/sys" || mount --rbind /sys "$bare/sys"
cp /etc/resolv.conf /etc/hosts "$bare/etc/"
# This machine's own certificate authorities, should its network need them.
mkdir -p "$bare/usr/local/share/ca-certificates"
cp /usr/local/share/ca-certificates/*.crt "$bare/usr/local/share/ca-certificates/" 2>/dev/null || true
cat /usr/local/share/ca-certificates/*.crt > "$bare/etc/extra-ca.pem" 2>/dev/null || true

chroot "$bare" id learner >/dev/null 2>&1 || chroot "$bare" useradd --create-home --shell /bin/bash learner
echo 'learner ALL=(ALL) NOPASSWD: ALL' > "$bare/etc/sudoers.d/learner"

home=/home/learner
[ "$who" = root ] && home=/root
[ "$who" = user ] && set -- runuser -u learner -- "$@"
clone=$home/drydock
rm -rf "$bare$clone"
git clone -q "$root" "$bare$clone"
[ "$who" = user ] && chroot "$bare" chown -R learner: "$clone"
chroot "$bare" env -i HOME="$home" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  NODE_EXTRA_CA_CERTS=/etc/extra-ca.pem bash -c 'cd "$0" && exec "$@"' "$clone" "$@"
