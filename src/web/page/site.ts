import type { Page } from "../handler.ts";
import type { SiteOptions } from "./pages.ts";

const PATHS = ["/", "/restore", "/api/v1/status", "/api/v1/plan"] as const;

/** The pages for people, and their data, by path: loaded when somebody asks for one. */
export function sitePages(options: SiteOptions): Readonly<Record<string, Page>> {
  let pages: Promise<Readonly<Record<typeof PATHS[number], Page>>> | undefined;
  const load = (): NonNullable<typeof pages> =>
    pages ??= import("./pages.ts").then(({ createPages }) => createPages(options));
  const later = (path: typeof PATHS[number]): Page => async (request, visit) => (await load())[path](request, visit);
  return Object.fromEntries(PATHS.map((path) => [path, later(path)]));
}
