import type { Problem, Status } from "../../status/mod.ts";
import { html, type Markup } from "./markup.ts";

/** The one sentence with its colour and its word, then what else is wrong, then what is recoverable all the same. */
export function sentenceSection({ summary, problems, recoverable }: Status): Markup {
  const [worst, ...others] = problems;
  return html`
    <section class="verdict ${summary.level}" aria-labelledby="sentence">
    <p class="word">${summary.word}</p>
    <h1 id="sentence">${worst === undefined ? summary.sentence : headOf(worst)}</h1>
    ${worst?.cause === undefined
      ? undefined
      : html`<p class="cause"><code>${worst.cause}</code></p>`}${others.length === 0
      ? undefined
      : html`<ul class="problems">${others.map(item)}</ul>`}${worst === undefined || recoverable === undefined
      ? undefined
      : html`<p class="recoverable">${recoverable}</p>`}
    </section>
  `;
}

function item(problem: Problem): Markup {
  const { level, cause } = problem;
  return html`<li><span class="tag ${level}">${level}</span> ${headOf(problem)}${
    cause === undefined ? undefined : html`<code>${cause}</code>`
  }</li>`;
}

/** The sentence without the cause at its end. */
function headOf({ sentence, cause }: Problem): string {
  return cause !== undefined && sentence.endsWith(`: ${cause}`) ? sentence.slice(0, -cause.length - 2) : sentence;
}
