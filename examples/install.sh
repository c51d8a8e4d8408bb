#!/bin/sh
# Installs the static binaries and the daemon, completions, manual pages, the JSON Schema of spec files, systemd's units for
# the daemon and its configuration (one that was changed is left as it is, also by --uninstall, and so is the group swiftbox,
# which a package makes for itself).
#
#   sh examples/install.sh [--prefix DIR]              (default: /usr/local) builds what is not built yet
#   sh examples/install.sh --uninstall [--prefix DIR]  takes away exactly what was installed
# DESTDIR is put before every path, for packages.
set -eu
cd "$(dirname "$0")/.."

prefix=/usr/local action=install
while [ $# -gt 0 ]; do
    case $1 in
    --prefix) prefix=${2:?--prefix needs a directory} && shift ;;
    --uninstall) action=uninstall ;;
    --help) sed -n 's/^# \{0,1\}//p' "$0" | sed 1d && exit ;;
    *) echo "install.sh: unknown flag $1" >&2 && exit 2 ;;
    esac
    shift
done
root=${DESTDIR-}$prefix
bin=$root/bin
man=$root/share/man/man1
etc=${DESTDIR-}/etc/swiftbox

# PATH below the prefix: all that is installed.
files() {
    echo bin/swiftbox
    echo bin/swiftbox-runtime
    echo bin/swiftboxd
    echo lib/systemd/system/swiftboxd.service
    echo lib/systemd/system/swiftboxd.socket
    echo share/bash-completion/completions/swiftbox
    echo share/zsh/site-functions/_swiftbox
    echo share/fish/vendor_completions.d/swiftbox.fish
    echo share/swiftbox/spec.schema.json
    echo share/swiftbox/seccomp-default.json
    echo share/doc/swiftbox/LICENSE
    echo share/doc/swiftbox/NOTICE
    for page in configs/man/*.1; do echo "share/man/man1/${page##*/}"; done
}

uninstall() {
    files | while read -r file; do rm -f "$root/$file"; done
    for directory in share/swiftbox share/doc/swiftbox; do
        [ ! -d "$root/$directory" ] || rmdir "$root/$directory"
    done
    if cmp -s configs/swiftboxd.yaml "$etc/swiftboxd.yaml"; then rm "$etc/swiftboxd.yaml" && rmdir "$etc"; fi
    echo "swiftbox is gone from $root"
}

# The programs name the commit that they are built from, where there is one.
build() {
    commit=$(git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null) || commit=
    if [ -n "$commit" ]; then SWIFTBOX_COMMIT=$commit swift build -c release; else swift build -c release; fi
}

install_all() {
    [ -x .build/release/swiftbox ] && [ -x .build/release/swiftbox-runtime ] && [ -x .build/release/swiftboxd ] || build
    install -d "$bin" "$man" "$root/share/bash-completion/completions" "$root/share/zsh/site-functions" \
        "$root/share/fish/vendor_completions.d" "$root/share/swiftbox" "$root/share/doc/swiftbox" \
        "$root/lib/systemd/system" "$etc"
    install -m 755 .build/release/swiftbox .build/release/swiftbox-runtime .build/release/swiftboxd "$bin"
    for unit in configs/systemd/swiftboxd.service configs/systemd/swiftboxd.socket; do
        sed "s|/usr/\(local/\)\{0,1\}bin/|$prefix/bin/|g" "$unit" >"$root/lib/systemd/system/${unit##*/}"
    done
    # Who may use the daemon beside root; the socket's unit wants it.
    [ -n "${DESTDIR-}" ] || getent group swiftbox >/dev/null || groupadd --system swiftbox
    [ -e "$etc/swiftboxd.yaml" ] || install -m 644 configs/swiftboxd.yaml "$etc/swiftboxd.yaml"
    "$bin/swiftbox" completions bash >"$root/share/bash-completion/completions/swiftbox"
    "$bin/swiftbox" completions zsh >"$root/share/zsh/site-functions/_swiftbox"
    "$bin/swiftbox" completions fish >"$root/share/fish/vendor_completions.d/swiftbox.fish"
    install -m 644 configs/man/*.1 "$man"
    install -m 644 configs/spec.schema.json "$root/share/swiftbox/spec.schema.json"
    install -m 644 configs/seccomp/default.json "$root/share/swiftbox/seccomp-default.json"
    install -m 644 LICENSE configs/NOTICE "$root/share/doc/swiftbox"
    "$bin/swiftbox" version | sed "1s|\$| is in $bin|"
}

case $action in install) install_all ;; uninstall) uninstall ;; esac
