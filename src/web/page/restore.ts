import { formatSecond, shellWord } from "../../base/text.ts";
import type { View } from "../../status/view.ts";
import type { ClusterConfig } from "../../operations/config.ts";
import { answerOf } from "../../operations/state.ts";
import { walArchive } from "../../operations/wal_archive.ts";
import type { Point } from "../../recovery/plan.ts";
import { formatPrecise, type PlanTexts, sayTime } from "../../recovery/target.ts";
import { allTimelines } from "../../recovery/timelines.ts";
import { planFacts, type PlanStatus, planWord } from "../../status/plan.ts";
import { instanceOf } from "../../status/view.ts";
import { formatLsn } from "../../walg/segment.ts";
import { pageOf, section, toOverview, verdictSection } from "./document.ts";
import { html, type Markup, unbroken } from "./markup.ts";

/** What the page is made from beside the plan. */
interface RestoreOptions {
  /** What was asked for. */
  readonly texts: PlanTexts;
  readonly shown: View;
  readonly config: Pick<ClusterConfig, "name" | "instanceName">;
  /** This machine's name. */
  readonly hostname: string | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** A plan, or what was asked for that is none. */
type Made = PlanStatus | { readonly problem: string };

const LEVELS = { POSSIBLE: "ok", PROBABLE: "ok", "NOT POSSIBLE": "critical", "NOT KNOWN": "unknown" } as const;

/** The page of restores: a form that asks for a plan, and the plan. */
export function renderRestorePage(made: Made, options: RestoreOptions): string {
  const [title, verdict, rest] = "problem" in made ? badRequest(made.problem) : planSections(made, options);
  const instance = instanceOf(options.shown, options);
  return pageOf({
    title: `Restore ${instance.name ?? "walg-exporter"}: ${title}`,
    skip: "Skip to the plan",
    instance,
    nav: html`<nav aria-label="Pages">${toOverview(options.config.name)}<a href="./">Status</a></nav>`,
    main: html`${verdict}${section("ask", "What to recover", askForm(options))}${rest}`,
    footer: html`As of ${formatSecond(options.now)}. Nothing on this page has been run.`,
  });
}

function badRequest(problem: string): readonly [title: string, verdict: Markup, rest: Markup] {
  return [
    "bad request",
    verdictSection({ level: "critical", word: "This cannot be planned" }, unbroken(problem), html``),
    html``,
  ];
}

function planSections(made: PlanStatus, { texts, config }: RestoreOptions): readonly [string, Markup, Markup] {
  const { plan, steps } = made;
  const word = planWord(plan);
  const { before, after, warnings } = plan;
  const more = html`${before && nearestLink("Nearest before", before, texts)}${
    after && nearestLink("Nearest after", after, texts)
  }${
    warnings.length === 0
      ? undefined
      : html`<ul class="notes">${warnings.map((note) => html`<li>${unbroken(note)}</li>`)}</ul>`
  }`;
  const facts = planFacts(plan);
  const rest = facts.length === 0 ? html`` : html`${
    section(
      "plan",
      "What is restored",
      html`<dl class="pairs">${
        facts.map(([name, value]) =>
          html`
            <div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>
          `
        )
      }</dl>`,
    )
  }${
    section(
      "commands",
      "Commands, in this order",
      html`<ol class="steps">${
        steps.map(({ text, command }) =>
          html`
            <li>
              <p>${text}</p>
              <pre tabindex="0"><code>${command}</code></pre>
            </li>
          `
        )
      }</ol>`,
    )
  }${
    section(
      "script",
      "As a script",
      html`<p class="quiet">This prints the same as a script, made from what is then known:</p>
<pre class="script" tabindex="0"><code>${scriptCommand(made, config.name)}</code></pre>
<p class="quiet">For programs: <a href="api/v1/plan${queryOf(texts, {})}">this plan as JSON</a></p>`,
    )
  }`;
  return [word.toLowerCase(), verdictSection({ level: LEVELS[word], word }, unbroken(plan.reason), more), rest];
}

function scriptCommand(
  { plan: { request: { target, backup, timeline } }, walg }: PlanStatus,
  cluster: string | undefined,
): string {
  const config = cluster === undefined ? "-walg.config-path" : `-cluster=${cluster}`;
  const words = [
    "walg-exporter",
    "plan",
    target.kind === "lsn"
      ? `-to-lsn=${formatLsn(target.lsn)}`
      : `-to=${target.kind === "time" ? formatPrecise(target.time) : "latest"}`,
    ...backup === undefined ? [] : [`-backup=${backup}`],
    ...timeline === undefined ? [] : [`-timeline=${timeline}`],
    ...walg.walgPath === "wal-g" ? [] : [`-walg.path=${walg.walgPath}`],
    ...walg.walgConfigPath === undefined ? [] : [`${config}=${walg.walgConfigPath}`],
    "-format=sh",
  ];
  return words.map(shellWord).join(" ").concat(" > restore.sh");
}

function nearestLink(name: string, { time, lsn }: Point, texts: PlanTexts): Markup {
  const [target, text] = time !== undefined && !texts.toLsn
    ? [{ to: sayTime(time), toLsn: undefined }, sayTime(time)]
    : [{ to: undefined, toLsn: formatLsn(lsn ?? 0n) }, `LSN ${formatLsn(lsn ?? 0n)}`];
  return html`<p class="nearest">${name}: <a href="${queryOf(texts, target)}">${text}</a></p>`;
}

/** What to ask for, as a URL has it. */
function queryOf(texts: PlanTexts, other: Partial<PlanTexts>): string {
  const { to, toLsn, backup, timeline } = { ...texts, ...other };
  const entries = Object.entries({ to, to_lsn: toLsn, backup, timeline })
    .flatMap(([name, value]) => value ? [[name, value] as [string, string]] : []);
  return `?${new URLSearchParams(entries)}`;
}

/** How many backups the form lists. */
const MOST_LISTED = 200;

function askForm({ texts, shown: { backups = [], state } }: RestoreOptions): Markup {
  const usable = backups.filter(({ restorable }) => restorable === true);
  const names = usable.slice(0, MOST_LISTED).map(({ backup }) => backup.name);
  const archive = answerOf(state, walArchive)?.archive;
  const timelines = archive === undefined ? [] : allTimelines(archive).toSorted((a, b) => b - a).map(String);
  const [, time = "", fraction = ""] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(\.\d+)?Z?$/.exec(texts.to ?? "") ?? [];
  // A time that browsers cannot show in their own field stays as it was typed.
  const isPlain = !texts.to || time !== "";
  return html`
    <form method="get">
    <label>Time in UTC (empty: latest)
    ${isPlain
      ? html`<input type="datetime-local" name="to" step="${fraction === "" ? "1" : "any"}" value="${
        time + fraction.slice(0, 4)
      }">`
      : html`<input type="text" name="to" value="${texts.to}">`}</label>
    <label>or an LSN<input type="text" name="to_lsn" value="${texts.toLsn ??
      ""}" autocomplete="off" spellcheck="false" placeholder="0/9000148"></label>
    <label>Backup${options("backup", "the best one", withAsked(names, texts.backup), texts.backup)}</label>
    ${timelines.length < 2
      ? undefined
      : html`<label>Timeline${
        options("timeline", "the current one", withAsked(timelines, texts.timeline), texts.timeline)
      }</label>`}
    <button>Make the plan</button>
    </form>
  `;
}

function withAsked(values: readonly string[], asked: string | undefined): readonly string[] {
  return !asked || values.includes(asked) ? values : [asked, ...values];
}

function options(name: string, none: string, values: readonly string[], asked: string | undefined): Markup {
  return html`<select name="${name}"><option value="">${none}</option>${
    values.map((value) =>
      html`
        <option value="${value}" ${value === asked
          ? html`
            selected
          `
          : undefined}>${value}</option>
      `
    )
  }</select>`;
}
