"""What people do at an agent that is no message: who sits down, who answers
for a case, who is away and who stands in, and how a person is told of work.

All of it is real: the users file, `schakel work`, `assign`, `hand-over` and
`take`, and a hook program that writes down what it was told.
"""
import json
import os
import stat

from stage import StageError

# Ours is the only user of this machine that a play can count on: who is not
# at the keyboard has a uid of nobody.
ABSENT_UID = 70000
HOOK = "#!/bin/sh\nprintf '%s %s\\n' \"$1\" \"$2\" >> {told}\n"
HOOK_LOOKS = 600    # of 50 ms: a hook runs beside the agent


class Office:
    """Part of Performance: the people of each participant."""

    def open_offices(self):
        """Before the agents start: users files, and who has a hook."""
        self.sits, self.away = {}, {}
        for name, office in self.play.people.items():
            agent = self.agents[name]
            if office.hook:
                self.hang_hook(agent)
            self.sit_down(name, office.team[0])

    def hang_hook(self, agent):
        path = os.path.join(agent.dir, "hook")
        with open(path, "w", encoding="utf-8") as file:
            file.write(HOOK.format(told=self.told_path(agent)))
        os.chmod(path, stat.S_IRWXU)
        agent.write_config(hook={"program": [path]})

    @staticmethod
    def told_path(agent):
        return os.path.join(agent.dir, "told")

    def person_number(self, name, person):
        office = self.play.people[name]
        return self.agents[name].participant * 100 + 1 + \
            office.team.index(person)

    def sit_down(self, name, person):
        self.sits[name] = person
        self.write_office(name)

    def write_office(self, name):
        """The users file as it is now; the agent sees that it changed."""
        office, agent = self.play.people[name], self.agents[name]
        lines = ["users:"]
        for person in office.team:
            number = self.person_number(name, person)
            user = {"person": number, "name": person.capitalize(),
                    "uid": os.getuid() if person == self.sits[name]
                    else ABSENT_UID + number}
            if person == office.coordinator:
                user["coordinator"] = True
            lines.append(f"  - {json.dumps(user)}")
        if office.contact:
            number = self.person_number(name, office.contact)
            lines.append(f"out_of_hours: {{person: {number}, telephone: "
                         "\"038-0000000\"}")
        if self.away.get(name):
            lines.append("absences:")
            lines += [f"  - {json.dumps(row)}" for row in self.away[name]]
        path = os.path.join(agent.dir, "users.yaml")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.replace(path + ".new", path)

    def at_the_keyboard(self, step):
        if "person" in step.table:
            self.sit_down(step.get("who"), step.get("person"))

    # -- steps

    def step_works(self, step):
        """assign, hand-over, take: nothing of it goes to anybody else."""
        self.nothing_more(step.line)
        self.at_the_keyboard(step)
        name = step.get("who")
        words = [step.get("works"), self.cases[step.get("case")]]
        if "with" in step.table:
            words += ["--person", self.person_number(name, step.get("with"))]
        if step.get("refuse"):
            words.append("--refuse")
        if "note" in step.table:
            words += ["--note", step.get("note")]
        answer = json.loads(self.agents[name].run(*words, "--json").stdout)
        self.stage.settle()
        if "kept" in step.table:
            self.refusal(step, step.get("kept"), self.outcome(answer),
                         "agent")
            return
        self.check(answer.get("ok"), step.line, f"kept: {answer}")
        self.equal(self.look(), [], step.line, "who hears of it")
        self.responsible(step, name)
        if step.get("works") == "assign" or step.get("works") == "take" and \
                not step.get("refuse"):
            self.assigned[step.get("case")].append(
                (name, self.person_number(name, self.sits[name])))
        self.story(step, "")

    def responsible(self, step, name):
        found = self.agents[name].get(
            "case", case=self.cases[step.get("case")]).get("responsible")
        want = step.get("responsible")
        self.equal(found, want and self.person_number(name, want),
                   step.line, "who answers for it")

    def step_list(self, step):
        """The work of who sits there, the most urgent first."""
        self.nothing_more(step.line)
        self.at_the_keyboard(step)
        name = step.get("who")
        rows = self.agents[name].get("work", of=step.get("of", "mine"))[
            "work"]
        got = [{self.case_name(row["case"]): row["urgency"]} for row in rows]
        want = [{case: urgency} for case, urgency in
                step.get("list").items()]
        self.equal(got, want, step.line, "the work of " + self.sits[name])
        contact = next((row["out_of_hours"].get("person") for row in rows
                        if "out_of_hours" in row), None)
        self.equal(contact, step.get("contact") and self.person_number(
            name, step.get("contact")), step.line, "whom a crisis goes to")
        self.story(step, "")

    def step_away(self, step):
        """Somebody is away for some days, and somebody stands in."""
        self.nothing_more(step.line)
        name = step.get("who")
        self.away.setdefault(name, []).append({
            "person": self.person_number(name, step.get("away")),
            "substitute": self.person_number(name, step.get("substitute")),
            "from_date": self.named(f"day {step.day}"),
            "until_date": self.filled(step.get("until"))})
        self.write_office(name)
        self.story(step, "")

    # -- in the end

    def wait_told(self):
        """Until every hook has told what it had to."""
        for name, office in self.play.people.items():
            agent = self.agents[name]
            for _ in range(HOOK_LOOKS if office.hook and
                           agent.is_running() else 0):
                if agent.get("status")["hook"]["waiting"] == 0:
                    break
                # the next status that differs is the event
                agent.ask({"do": "wait", "inbox": 10 ** 9, "timeout_ms": 50})
            else:
                if office.hook and agent.is_running():
                    raise StageError(f"the hook of {name} does not end")
        self.stage.settle()

    def check_told(self):
        """What each hook was told: kind and case, in order."""
        for name, office in self.play.people.items():
            if not office.hook:
                continue
            told = []
            with open(self.told_path(self.agents[name]),
                      encoding="utf-8") as file:
                for line in file:
                    kind, number = line.split()
                    told.append(f"{kind} {self.case_name(number)}")
                    self.notified[self.case_name(number)] += 1
            self.equal(told, self.play.told.get(name, []),
                       self.play.steps[-1].line, f"what {name} was told")
