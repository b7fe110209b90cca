"""What operators do in a play, each by the real command: a case is erased, a
quarter is closed, a participant leaves; and the questions to the catalogue,
which are about no case."""
import json
import os
import subprocess

PATIENCE_S = 120


class Operations:
    """Part of Performance: what is done beside the cases."""

    def attempt(self, verb, *words):
        """schakel-admin, whatever comes of it."""
        return subprocess.run(
            [self.stage.program("schakel-admin"), verb, *map(str, words),
             "--control", self.stage.broker.control, "--operator",
             self.stage.operator, "--json"], text=True, capture_output=True,
            timeout=PATIENCE_S)

    # -- the catalogue

    def step_asks(self, step):
        """Ranked and explained, in the receipt; nobody else hears of it."""
        self.nothing_more(step.line)
        self.at_the_keyboard(step)
        words = ["catalogue"]
        for name, value in step.get("asks").items():
            words.append("--" + name)
            if value is not True:
                words.append(self.filled(value))
        answer = json.loads(self.agents[step.get("who")].run(
            *words, "--json").stdout)
        self.stage.settle()
        outcome = self.outcome(answer)
        if "refused" in step.table:
            self.refusal(step, step.get("refused"), outcome, "broker")
            return
        self.equal(outcome, {}, step.line, "what is wrong with the question")
        if outcome:
            return
        self.equal(self.look(), [], step.line, "who hears of it")
        told = answer["receipt"]["outcome"]["catalogue"]
        rows = {row["offering"]: row for row in told.get("matches", ())}
        self.equal(list(rows), step.get("finds"), step.line, "what is found")
        for offering, want in step.get("why", {}).items():
            self.equal(rows.get(offering, {}).get("why"), want,
                       step.get("why").lines[offering], f"why {offering}")
        drops = {row["offering"]: row["reason"]
                 for row in told.get("dropped", ())}
        for offering, want in step.get("drops", {}).items():
            self.equal(drops.get(offering), want,
                       step.get("drops").lines[offering],
                       f"why not {offering}")
        self.equal(told.get("unmet"), step.get("unmet"), step.line,
                   "the unmet need")
        self.check(all(row["why"] for row in rows.values()), step.line,
                   "an offering without a why")
        self.story(step, "")

    # -- erasure

    def step_erases(self, step):
        """Operators carry out what was granted: gone at the broker, and at
        each who has a copy."""
        self.nothing_more(step.line)
        case = step.get("erases")
        words = [self.cases[case].split("-")[1], "--ground",
                 step.get("ground")]
        if "request" in step.table:
            words += ["--request-position",
                      self.positions[step.get("request")]]
        done = self.attempt("erase", *words)
        self.stage.settle()
        if "refused" in step.table:
            self.check(done.returncode != 0, step.line, "it was erased")
            self.check(step.get("refused") in done.stdout + done.stderr,
                       step.line, f"the refusal: {done.stdout}{done.stderr}")
            self.story(step, "")
            return
        self.check(done.returncode == 0, step.line, done.stdout + done.stderr)
        self.only_erasure(step)
        self.erased_cases[case] = len(
            [*step.get("gone", ()), *step.get("keep", ())])
        for name, agent in self.agents.items():
            if agent.is_running():
                self.copy_is_gone(step, case, name, agent)
        self.story(step, "")

    def only_erasure(self, step):
        """Each agent is told to do the same, does so, and says so to the
        team; what it was told is gone with the rest."""
        case = self.cases[step.get("erases")]
        for name, agent in self.agents.items():
            for row in agent.inbox() if agent.is_running() else ():
                if row["position"] in self.seen[name]:
                    continue
                self.seen[name].add(row["position"])
                trouble = row.get("trouble", {}).get("code")
                self.check(row["case"] == case and (
                    trouble == "ERASED" or row["kind"] == "ERASURE_DONE" or
                    row.get("notice", {}).get("kind") == "ERASE"), step.line,
                    f"{name} has {row}")

    def copy_is_gone(self, step, case, name, agent):
        """Not one message of it opens any more; who holds a dossier of its
        own keeps it and says so."""
        refs = self.held[case, name]
        holds = [*step.get("gone", ()), *step.get("keep", ())]
        self.equal(name in holds, bool(refs) or name in self.speakers(case),
                   step.line, f"that {name} had a copy")
        for ref in refs:
            code = agent.ask({"do": "show", "ref": ref}).get(
                "error", {}).get("code")
            self.equal(code, None if name in step.get("keep", ())
                       else "ERASED", step.line, f"the copy of {name}")

    def speakers(self, case):
        return {said.step.get("who") for said in self.spoken
                if said.case == case and said.refused is None}

    # -- quarters

    def step_closes(self, step):
        """The figures of a quarter stay for good, whatever is erased
        after."""
        self.nothing_more(step.line)
        path = os.path.join(self.stage.dir, step.get("closes"))
        running = self.running()
        self.equal(self.stage.broker.stop(), 0, step.line, "the broker ends")
        done = self.stage.audit("figures", "--period", step.get("closes"),
                                "--by", step.get("of"), "--close", path)
        self.check(done.returncode == 0, step.line, done.stdout + done.stderr)
        self.stage.start_broker()
        self.stage.each(lambda agent: agent.wait(connected=True), running)
        done = self.attempt("close-quarter", path)
        self.check(done.returncode == 0, step.line, done.stdout + done.stderr)
        self.stage.settle()
        self.equal(self.look(), [], step.line, "a message that nobody sent")
        self.story(step, "")

    # -- who leaves

    def step_leaves(self, step):
        """The participant is enrolled no more; its agent ends."""
        self.nothing_more(step.line)
        name = step.get("leaves")
        self.stage.admin("revoke", "--participant",
                         self.agents[name].participant, "--reason", "left",
                         "--enrolment-key", self.stage.enrolment_key)
        self.agents[name].stop()
        self.stage.settle()
        self.equal(self.look(), [], step.line, "a message that nobody sent")
        self.story(step, "")
