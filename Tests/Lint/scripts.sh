# Scripts parse.
status=0
for script in Tests/run.sh Tests/Lint/*.sh Tests/Guest/init examples/*.sh Tests/Benchmarks/*.sh Tests/Clients/*.sh Tests/Conformance/*.sh; do
    [ ! -e "$script" ] || sh -n "$script" || status=1
done
if command -v python3 >/dev/null; then
    for script in Tests/Guest/boot Tests/Benchmarks/*.py; do
        python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$script" || status=1
    done
fi
exit $status
