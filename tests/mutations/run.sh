#!/usr/bin/env bash
# Takes one condition after the other out of the rules of nullability (each patch here) and asks whether the tests notice.
# Prints a row of the table in docs/nullability.md for each; exits 1 when a mutation survives both. Needs a clean tree.
#
#   VIEWKEEPER_TEST_MAJORS=18 tests/mutations/run.sh [patch …]
set -euo pipefail
cd "$(dirname "$0")/../.."
test -z "$(git status --porcelain -- crates)" || { echo "commit first: the rules are patched in place" >&2; exit 2; }
export VIEWKEEPER_FUZZ="${VIEWKEEPER_FUZZ:-40000}" RUST_BACKTRACE=0
patches=("$@")
((${#patches[@]})) || patches=(tests/mutations/*.patch)
survived=0
for patch in "${patches[@]}"; do
    git apply "$patch"
    trap 'git apply -R "$patch"' EXIT
    cargo test -q -p viewkeeper-engine --lib --no-run
    # A rule without its condition may never come to an end, which is noticed, too.
    rules=$({ timeout 60 cargo test -q -p viewkeeper-engine --lib 2>&1 || test $? != 124 ||
        echo "    does not end"; } |
        sed -nE 's/^    (nullability::)?(.*::.*|does not end)$/\2/p' | sort -u | paste -sd, - | sed 's/,/, /g') || true
    if [[ $rules == "does not end" ]]; then
        printf '| %s | does not end | |\n' "$(basename "$patch" .patch | tr - ' ')"
        git apply -R "$patch"
        trap - EXIT
        continue
    fi
    fuzzer=$(cargo test -q -p viewkeeper-tests --test it -- nullability::a_column_called_not_null 2>&1 || true)
    if grep -q 'and is null' <<<"$fuzzer"; then found="yes"; else found="no"; fi
    grep -q 'test result' <<<"$fuzzer" || { echo "$fuzzer" >&2; exit 2; }
    if [[ -z $rules && $found == no ]]; then survived=1; fi
    printf '| %s | %s | %s |\n' "$(basename "$patch" .patch | tr - ' ')" "${rules:-none}" "$found"
    git apply -R "$patch"
    trap - EXIT
done
exit "$survived"
