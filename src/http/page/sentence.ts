import type { Problem, Status } from "../../status/mod.ts";
import { html, type Markup } from "./markup.ts";

/** The one sentence with its colour and its word, then what else is wrong, then what is recoverable all the same. */
export function sentenceSection({ summary, problems, recoverable }: Status): Markup {
  const [worst, ...others] = sayOnce(problems);
  return html`
    <section class="verdict ${summary.level}" aria-labelledby="sentence">
      <p class="word">${summary.word}</p>
      <h1 id="sentence">${worst === undefined ? summary.sentence : headOf(worst)}</h1>
      ${worst && more(worst)}${others.length === 0
        ? undefined
        : html`<ul class="problems">${others.map(item)}</ul>`}${worst === undefined || recoverable === undefined
        ? undefined
        : html`<p class="recoverable">${recoverable}</p>`}
    </section>
  `;
}

/** The problems, each piece of advice only where it is needed first. */
function sayOnce(problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem, index) => {
    const { mend, ...rest } = problem;
    return problems.slice(0, index).some((earlier) => earlier.mend === mend) ? rest : problem;
  });
}

function item(problem: Problem): Markup {
  return html`<li><p><span class="tag ${problem.level}">${problem.level}</span> ${headOf(problem)}</p>${
    more(problem)
  }</li>`;
}

/** What was said, and what to do. */
function more({ cause, mend }: Problem): Markup {
  return html`${cause === undefined ? undefined : html`<p class="cause"><code>${cause}</code></p>`}${
    mend === undefined ? undefined : html`<p class="advice"><strong>What to do:</strong> ${mend}</p>`
  }`;
}

/** The sentence without the cause at its end. */
function headOf({ sentence, cause }: Problem): string {
  return cause !== undefined && sentence.endsWith(`: ${cause}`) ? sentence.slice(0, -cause.length - 2) : sentence;
}
