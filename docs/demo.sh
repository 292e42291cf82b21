#!/bin/sh
# The main job on the real samples of this repository, told as a short story. Everything is written to out/demo, which git ignores.
set -eu

if [ -t 1 ]; then bold='\033[1m' dim='\033[2m' plain='\033[0m'; else bold='' dim='' plain=''; fi

say() { printf "\n$bold%s$plain\n" "$*"; }
call() {
    printf "$dim\$ stepc %s$plain\n" "$*"
    COLUMNS="${COLUMNS:-100}" stepc "$@"
}

rm -rf out/demo
say "1. Generated adapters are what the specs say."
call compile --check
say "2. Real tau2 runs become typed steps; every record is accounted for."
call run tau2 specs/samples/tau2 -o out/demo/tau2
say "   The first step, and the labels of the first episode:"
head -n 1 out/demo/tau2/steps.jsonl
head -n 1 out/demo/tau2/episodes.jsonl
say "3. One of them as a timeline. What is known only afterwards stands below."
call show tau2 specs/samples/tau2/no_flags.json
say "4. A text log is a source like any other."
call run swebench_aider specs/samples/swebench_aider -o out/demo/swebench_aider
say "5. What the spec of who_and_when makes of the raw data."
call coverage who_and_when specs/samples/who_and_when
say "6. The examples that stand in the specs hold."
call test
say "7. A monitor that was trained on the whole public pack warns in these few runs. (Training saw them: this shows how it speaks, not how well.)"
call monitor replay artefacts/tau2_watch.monitor specs/samples/tau2 --alerts out/demo/alerts.jsonl
say "8. Why one run got its risk: additive contributions, point by point."
call monitor explain artefacts/tau2_watch.monitor specs/samples/tau2/flagged_error.json --episode 0 --top 3
say "9. Pretend that nobody described these files: a spec drafted by rules, with its doubts."
call induce specs/samples/intercode -o out/demo/drafted.stepview --force
say "10. The draft ends with a monitor. It has learned nothing yet, and already warns by its rules."
call monitor train out/demo/drafted.stepview --rules-only -o out/demo/drafted.monitor
call monitor replay out/demo/drafted.monitor specs/samples/intercode --spec out/demo/drafted.stepview
say "Done. Steps, labels, alerts and the draft are in out/demo. Next: README.md, 'A first spec in five minutes'."
