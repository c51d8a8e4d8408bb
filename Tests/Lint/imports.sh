# A target imports what Package.swift gives it and nothing else, and the arrows between the floors point down
# (Sources/README.md). The compiler sees every module that happens to be built, so it does not keep this.
broken=0
complain() {
    echo "$*"
    broken=1
}

# `TARGET PATH DEPENDENCY…` a line, from the text of Package.swift.
targets=$(tr '\n' ' ' <Package.swift | sed 's/\.\(target\|executableTarget\|testTarget\)(/\n&/g' | awk '
    !/^\.(target|executableTarget|testTarget)\(/ { next }
    {
        match($0, /name: "[^"]*"/); name = substr($0, RSTART + 7, RLENGTH - 8)
        path = "Sources/" name
        if (match($0, /path: "[^"]*"/)) path = substr($0, RSTART + 7, RLENGTH - 8)
        list = ""
        if (match($0, /dependencies: \[[^]]*\]/)) list = substr($0, RSTART + 15, RLENGTH - 16)
        gsub(/package: "[^"]*"/, "", list)
        gsub(/[^A-Za-z0-9"-]+/, " ", list); gsub(/\.?product name /, "", list)
        gsub(/product|name|"/, " ", list)
        print name, path, list
    }')
[ "$(echo "$targets" | wc -l)" -gt 10 ] || complain "Package.swift: its targets were not understood"

floor() {
    case $1 in
    CBoxLinux | CConcurrency | CSeccomp | CCap | CYAML) echo 0 ;;
    BoxSystem) echo 1 ;;
    BoxDocument) echo 2 ;;
    BoxOCI | BoxYAML) echo 3 ;;
    BoxCgroup | BoxSecurity | BoxRootfs) echo 4 ;;
    BoxRuntime | BoxSpec) echo 5 ;;
    BoxDoctor | BoxClient | BoxStore) echo 6 ;;
    BoxEngine) echo 7 ;;
    BoxAPI) echo 8 ;;
    swiftbox | swiftbox-runtime | swiftboxd) echo 9 ;;
    SystemPackage | ArgumentParser | NIOCore | NIOPosix | NIOHTTP1 | Logging | GRDB) echo 0 ;;
    *) echo none ;;
    esac
}

imports_of() {
    grep -rhoE '^ *(@[a-zA-Z_]+ +)?((public|internal|private|fileprivate|package) +)?import +[A-Za-z0-9]+' \
        --include='*.swift' "$1" | awk '{ print $NF }' | sort -u
}

check_target() {
    name=$1 path=$2
    shift 2
    # What comes with the compiler; rules.sh says where Foundation may not be.
    system="Glibc FoundationEssentials"
    case $path in Sources/BoxStore | Sources/BoxEngine | Sources/BoxAPI | Sources/swiftboxd) system="$system Foundation Synchronization" ;; esac
    case $path in Tests/*) system="$system Foundation Synchronization Testing" ;; esac
    for module in $(imports_of "$path"); do
        case " $* $system " in
        *" $module "*) ;;
        *) complain "$path imports $module, which Package.swift does not give to $name" ;;
        esac
    done
    case $path in Sources/*) ;; *) return ;; esac
    here=$(floor "$name")
    [ "$here" != none ] || complain "$name has no floor: Tests/Lint/imports.sh and Sources/README.md name them"
    for dependency in "$@"; do
        below=$(floor "$dependency")
        [ "$below" != none ] && [ "$below" -lt "$here" ] || complain "$name may not depend on $dependency"
        case $dependency:$name in
        CBoxLinux:BoxSystem | CConcurrency:BoxEngine | CSeccomp:BoxSecurity | CCap:BoxSecurity | CYAML:BoxYAML) ;;
        C[A-Z]*:*) complain "$name may not depend on $dependency: each C target has one Swift target above it" ;;
        esac
    done
}

while read -r line; do
    # shellcheck disable=SC2086 # a word each
    check_target $line
done <<END
$targets
END
exit $broken
