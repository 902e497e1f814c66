import type { Host } from "../base/host.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Page } from "./handler.ts";
import type { Respond } from "./response.ts";

/** What pages are made from. */
export interface SiteOptions {
  readonly cluster: Pick<Cluster, "config" | "shown">;
  readonly host: Pick<Host, "build" | "clock">;
  readonly telemetryPath: string;
  readonly respond: Respond;
  /** What the sandbox leaves, once that is known. */
  readonly sandbox?: () => string | undefined;
}

const PATHS = ["/", "/api/v1/status"] as const;

/** The pages for people, and their data, by path: loaded when somebody asks for one. */
export function sitePages(options: SiteOptions): Readonly<Record<string, Page>> {
  let pages: Promise<Readonly<Record<typeof PATHS[number], Page>>> | undefined;
  const load = (): NonNullable<typeof pages> =>
    pages ??= import("./page/pages.ts").then(({ peoplePages }) => peoplePages(options));
  const later = (path: typeof PATHS[number]): Page => async (request, place) => (await load())[path](request, place);
  return Object.fromEntries(PATHS.map((path) => [path, later(path)]));
}
