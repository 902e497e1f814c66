import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { completionScript, SHELLS } from "../../src/cli/completion.ts";
import { runCli } from "../commands/run_cli.ts";

type Complete = (line: string) => Promise<string[]>;

interface Shell {
  readonly name: typeof SHELLS[number];
  /** What the shell offers at the end of a command line. */
  readonly complete: Complete;
}

async function output(program: string, args: readonly string[]): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "walg-completion-" });
  try {
    await Deno.writeTextFile(`${folder}/walg.conf`, "");
    for (const shell of SHELLS) await Deno.writeTextFile(`${folder}/${shell}`, completionScript(shell, COMMANDS));
    await Deno.mkdir(`${folder}/zfunc`);
    await Deno.rename(`${folder}/zsh`, `${folder}/zfunc/_walg-exporter`);
    // A shell that waits for an answer that never comes must not hold up the tests.
    const command = new Deno.Command("timeout", {
      args: ["30", program, ...args],
      cwd: folder,
      env: { HOME: folder, TERM: "dumb" },
    });
    const { stdout, stderr } = await command.output();
    assert.equal(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Bash takes = for a word of its own; the last word is what is completed. */
const bash: Complete = (line) => {
  const words = line.split(" ").flatMap((word) => word.split(/(=)/).filter((part, at) => part !== "" || at === 0));

  const script = `source ./bash; COMP_WORDS=("\${@}"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _walg_exporter
    ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
  return output("bash", ["--norc", "-c", script, "bash", ...words]);
};

const fish: Complete = async (line) => {
  const lines = await output("fish", ["--no-config", "-c", 'source ./fish; complete -C "$argv[1]"', line]);
  return lines.map((offer) => offer.split("\t")[0] ?? "");
};

/**
 * What zsh would offer is what it hands to its builtin compadd. It is ready once its line editor is: before that, the
 * terminal itself would take the key that clears the line.
 */
const zsh: Complete = async (line) => {
  for (const pause of ["0.1", "1"]) {
    const offers = await zshOffers(line, pause);
    if (offers.length > 0) return offers;
  }
  return await zshOffers(line, "3");
};

/** The line editor takes over some time after the last command of its start, on a busy machine some seconds. */
const zshOffers = async (line: string, pause: string): Promise<string[]> => {
  const script = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= fpath=($PWD/zfunc \\$fpath); autoload -Uz compinit && compinit -u -d $PWD/dump; bindkey '^I' complete-word
zstyle ':completion:*' list-grouped false
compadd() { local -a found; builtin compadd -O found \\"\\$@\\"; print -rl -- OFFER:\\\${^found}; builtin compadd \\"\\$@\\" }
print READY\\$((1 + 1))"
zpty -r shell out $'*READY2*'
sleep ${pause}
zpty -w -n shell "$1"$'\\t'
zpty -w -n shell $'\\x15print DONE$((1 + 1))\\n'
zpty -r shell out $'*DONE2*'
print -r -- "$out"
zpty -d shell`;
  const lines = await output("zsh", ["-f", "-c", script, "zsh", line]);
  const offers = lines.flatMap((text) => [...text.matchAll(/OFFER:([^\s\r]+)/g)].map(([, offer]) => offer ?? ""));
  return [...new Set(offers)];
};

const EXPECTED: readonly { readonly line: string; readonly offers: readonly string[]; readonly not?: string }[] = [
  { line: "walg-exporter ch", offers: ["check"], not: "once" },
  { line: "walg-exporter ", offers: ["serve", "check", "once", "doctor", "completion"] },
  { line: "walg-exporter check -max-b", offers: ["-max-backup-age"], not: "-max-full-backup-age" },
  { line: "walg-exporter check --warn-r", offers: ["--warn-recovery-window"], not: "--warn-backup-age" },
  { line: "walg-exporter once -web", offers: [], not: "-web.listen-address" },
  { line: "walg-exporter -web.l", offers: ["-web.listen-address"] },
  { line: "walg-exporter completion f", offers: ["fish"] },
];

for (
  const { name, complete } of [{ name: "bash", complete: bash }, { name: "zsh", complete: zsh }, {
    name: "fish",
    complete: fish,
  }] satisfies Shell[]
) {
  const ignore = !await installed(name);
  for (const { line, offers, not } of EXPECTED) {
    Deno.test({ name: `${name}${ignore ? " (not installed)" : ""}: '${line}'`, ignore }, async () => {
      const found = (await complete(line)).map((offer) => offer.replace(/=$/, ""));
      for (const offer of offers) assert.ok(found.includes(offer), `${offer} is not among ${found}`);
      if (not !== undefined) assert.ok(!found.includes(not), `${not} is among ${found}`);
    });
  }

  Deno.test({ name: `${name}${ignore ? " (not installed)" : ""}: values of choices and files`, ignore }, async () => {
    const values = async (line: string): Promise<string> => (await complete(line)).join(" ");
    assert.match(await values("walg-exporter -log.level=w"), /\bwarn\b/);
    assert.match(await values("walg-exporter check -format "), /\btext\b.*\bjson\b|\bjson\b.*\btext\b/);
    assert.match(await values("walg-exporter once -walg.config-path=wa"), /walg\.conf/);
    assert.doesNotMatch(await values("walg-exporter check -max-backup-age="), /walg\.conf/);
  });
}

Deno.test("bash without = in its word breaks completes values too", async () => {
  const script = `source ./bash; COMP_WORDS=(walg-exporter -log.format=j); COMP_CWORD=1; _walg_exporter
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  assert.deepEqual(await output("bash", ["--norc", "-c", script]), ["-log.format=json"]);
});

Deno.test("every flag of every command is in every script", () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell, COMMANDS);
    for (const { name, flags } of COMMANDS) {
      assert.ok(script.includes(name));
      for (const flag of flags) assert.ok(script.includes(flag.name), `${shell}: ${flag.name}`);
    }
  }
});

Deno.test("completion prints the script; without a shell it says which there are", async () => {
  const { code, stdout } = await runCli(["completion", "fish"]);
  assert.equal(code, 0);
  assert.equal(stdout, completionScript("fish", COMMANDS));
  const wrong = await runCli(["completion", "tcsh"]);
  assert.equal(wrong.code, 2);
  assert.equal(
    wrong.stderr,
    "walg-exporter: 'tcsh' is not one shell; write walg-exporter completion bash, or zsh, or fish\n",
  );
});

async function installed(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["-c", "exit 0"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
