#!/bin/sh
# Compares other OCI runtimes with ours: sh Tests/Conformance/compare.sh [RUNTIME…]   (default: crun runc)
#
# Runs the suite on the host with ours and with each, then the cases for the guest in it, and prints those that a runtime
# fails and ours passes: the case, and what was found instead. Known failures count like any other here. The runtimes
# must be installed, and root is needed. Takes some ten minutes.
set -u
cd "$(dirname "$0")/../.." || exit 1
[ $# != 0 ] || set -- crun runc
work=$(mktemp -d /tmp/swiftbox-tests.compare.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
export OCI_COMPARE=1 SWIFTBOX_BIN_DIR="$PWD/.build/release"
bundle=.build/debug/swiftboxPackageTests.xctest

for runtime in swiftbox-runtime "$@"; do
    if [ "$runtime" = swiftbox-runtime ]; then OCI_RUNTIME=; else
        OCI_RUNTIME=$(command -v "$runtime") || { echo "compare.sh: no $runtime" >&2 && exit 1; }
    fi
    export OCI_RUNTIME CONFORMANCE_EVENTS="$work/$runtime.host"
    sh Tests/run.sh conformance >"$work/log" 2>&1
    [ -e "$CONFORMANCE_EVENTS" ] || { cat "$work/log" && exit 1; }
    mkdir "$work/$runtime"
    # shellcheck disable=SC2016 # for the guest's shell
    Tests/Guest/boot --share "$work/$runtime" -- sh -c 'mkdir /scratch/tmp && TMPDIR=/scratch/tmp exec "$@"' sh \
        "$PWD/$bundle" --no-parallel --testing-library swift-testing --filter '^ConformanceTests\.ConformanceInGuest' \
        --event-stream-output-path "$work/$runtime/guest" >"$work/log" 2>&1
    "${OCI_RUNTIME:-.build/release/swiftbox-runtime}" --version | head -n 1 >"$work/$runtime/version"
done

python3 - "$work" "$@" <<'END'
import json, re, sys

work, peers = sys.argv[1], sys.argv[2:]


def outcomes(runtime):
    """Case → None when it passed, else what its first issue says."""
    ended, issues = {}, {}
    for stream in f"{work}/{runtime}.host", f"{work}/{runtime}/guest":
        for line in open(stream):
            event = json.loads(line)["payload"]
            name = re.search(r"/(\w+)\(\)/[^/]*$", event.get("testID", ""))
            if not name:
                continue
            if event["kind"] == "issueRecorded":
                said = [message["text"] for message in event["messages"] if not message["text"].startswith("///")]
                issues.setdefault(name[1], " ".join(" ".join(said[-2:] if "Issue recorded" in said[0] else said).split()))
            elif event["kind"] == "testEnded":
                ended[name[1]] = None
    return {name: issues.get(name) for name in ended}


ours = outcomes("swiftbox-runtime")
print(f"{len(ours)} cases; ours fails {sum(1 for issue in ours.values() if issue)}")
for peer in peers:
    theirs = outcomes(peer)
    worse = {name: issue for name, issue in sorted(theirs.items()) if issue and not ours.get(name, "")}
    better = [name for name, issue in sorted(ours.items()) if issue and name in theirs and not theirs[name]]
    print(f"\n{open(f'{work}/{peer}/version').read().strip()} fails {len(worse)} cases that ours passes:\n")
    for name, issue in worse.items():
        plain = re.sub(r"^Issue recorded |^Expectation failed: |--- std(out|err) ?| after [0-9.e-]+ s\b", "", issue)
        print(f"- {name}: {plain[:160].strip()}")
    if better:
        print(f"\nand passes {len(better)} that ours fails: {', '.join(better)}")
END
