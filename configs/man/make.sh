#!/bin/sh
# Makes the manual pages from the help texts of the built programs: sh configs/man/make.sh [DIR]   (default: here)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=$here/../../.build/release
to=${1-$here}
export COLUMNS=90

# page NAME PROGRAM [COMMAND…]: ArgumentParser's help as a page; what is laid out in columns stays so.
page() {
    name=$1 && shift
    program=$1 && shift
    "$bin/$program" "$@" --help | awk -v name="$name" '
        function escape(line) { gsub(/\\/, "\\e", line); gsub(/-/, "\\-", line); sub(/^[.\x27]/, "\\\\\\&&", line); return line }
        BEGIN { upper = toupper(name); print ".TH " upper " 1 \"\" swiftbox \"User Commands\"" }
        NR == 1 && /^OVERVIEW: / { sub(/^OVERVIEW: /, ""); sub(/\.$/, ""); abstract = $0 }
        NR == 1 { print ".SH NAME\n" escape(name) " \\- " (abstract ? escape(abstract) : "the OCI command line of swiftbox") ; if (abstract) { body = ".SH DESCRIPTION\n.nf"; next } }
        /^USAGE: / { print ".SH SYNOPSIS\n.nf"; sub(/^USAGE: /, ""); print escape($0); usage = 1; next }
        usage && /^ / { sub(/^ +/, ""); print escape($0); next }
        usage && /^$/ { print ".fi"; usage = 0; next }
        /^[A-Z][A-Za-z ]*:$/ { if (open) print ".fi"; sub(/:$/, ""); print ".SH " toupper($0) "\n.nf"; open = 1; next }
        body && /^./ && !open { print body; body = ""; open = 1 }
        { print escape($0) }
        END { if (open) print ".fi" }' >"$to/$name.1"
}

page swiftbox swiftbox
for command in run plan doctor version completions create start stop restart kill pause unpause wait rename update rm \
    prune ps inspect exec attach logs top stats events cp diff up down import images tag rmi info; do
    page "swiftbox-$command" swiftbox "$command"
done
for command in check show convert schema; do page "swiftbox-spec-$command" swiftbox spec "$command"; done
page swiftbox-report-show swiftbox report show
page swiftbox-runtime swiftbox-runtime
