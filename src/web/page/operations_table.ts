import { formatAge, formatLength, formatSeconds, formatTime } from "../../base/text.ts";
import type { FailureStatus, OperationStatus, Status } from "../../status/status.ts";
import { html, type Markup, withCommands } from "./markup.ts";

const WORDS: Readonly<Record<OperationStatus["outcome"], readonly [state: string, word: string]>> = {
  ok: ["good", "ok"],
  failed: ["bad", "failed"],
  pending: ["unsure", "not run yet"],
  unsupported: ["unsure", "not in this wal-g"],
};

/** How the operations do, each with its last error and what to do about it. */
export function operationsTable({ operations, off, time: now }: Status): Markup {
  return html`
    <table class="cards operations" role="table">
      <caption>What is asked of wal-g, and how it went</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">Operation</th>
          <th scope="col" role="columnheader">Last run</th>
          <th scope="col" role="columnheader">Last success (UTC)</th>
          <th scope="col" role="columnheader" class="number">Took</th>
          <th scope="col" role="columnheader">Next run</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
    ${operations.map((operation) => rows(operation, now))}</tbody>
    </table>
    ${off.map(({ operation, description }) =>
      html`
        <p class="quiet"><code>${operation}</code> is switched off: ${description} is not verified by choice.</p>
      `
    )}
  `;
}

function rows(operation: OperationStatus, now: number): Markup {
  const { outcome, lastSuccessTime, durationSeconds, failuresInARow, lastFailure, intervalSeconds } = operation;
  const [state, word] = WORDS[outcome];
  const inARow = failuresInARow > 1 ? html`<span class="quiet">${failuresInARow} times in a row</span>` : undefined;
  const success = lastSuccessTime === undefined
    ? html`none yet`
    : html`<span class="figure">${formatTime(lastSuccessTime)}</span><span class="quiet">${
      formatAge(lastSuccessTime, now)
    }</span>`;
  return html`
    <tr role="row">
      <th scope="row" role="rowheader">${operation.operation}<span class="quiet">${operation.description}</span></th>
      <td role="cell" data-label="Last run"><span class="state ${state}">${word}</span>${inARow}</td>
      <td role="cell" data-label="Last success (UTC)" class="time">${success}</td>
      <td role="cell" data-label="Took" class="number">${durationSeconds === undefined
        ? "–"
        : formatSeconds(durationSeconds)}</td>
      <td role="cell" data-label="Next run">${nextRun(operation, now)}<span class="quiet">every ${formatSeconds(
        intervalSeconds,
      )
        .replace(/\.00 s$/, " s")}</span></td>
    </tr>
    ${lastFailure && errorRow(lastFailure, outcome === "failed", now)}
  `;
}

function nextRun({ outcome, runningSince, nextRunTime }: OperationStatus, now: number): Markup {
  if (outcome === "unsupported") return html`never`;
  if (runningSince !== undefined) return html`running for ${formatLength(now - runningSince)}`;
  if (nextRunTime === undefined) return html`–`;
  return nextRunTime <= now ? html`due now` : html`in ${formatLength(nextRunTime - now)}`;
}

function errorRow({ type, message, time, stderr, fix }: FailureStatus, failing: boolean, now: number): Markup {
  const over = failing ? "" : ", over since";
  return html`
    <tr role="row" class="error${failing ? "" : " past"}">
      <td role="cell"
        colspan="5"><p><strong>Last error:</strong> <span class="quiet">${type}, ${formatAge(
          time,
          now,
        )}${over}</span></p><p class="words"><code>${message}</code></p>${fix === undefined
          ? undefined
          : html`<p class="fix"><strong>What to do:</strong> ${withCommands(fix)}</p>`}${stderr === undefined ||
            stderr.trim() === ""
          ? undefined
          : html`
            <details>
              <summary>What wal-g wrote to stderr</summary>
              <pre tabindex="0" role="region" aria-label="stderr of wal-g">${stderr.trim()}</pre>
            </details>
          `}</td>
    </tr>
  `;
}
