import type { Clusters } from "../../cluster/clusters.ts";
import type { Page } from "../handler.ts";
import { redirect } from "../response.ts";
import type { FleetPages } from "./fleet.ts";
import type { SiteOptions, SitePath, SiteTerms } from "./pages.ts";

export type { SiteTerms };

const PATHS: readonly SitePath[] = ["/", "/restore", "/api/v1/status", "/api/v1/plan"];

/** The pages for people, and their data, by path: loaded when somebody asks for one. */
export function sitePages(options: SiteOptions): Readonly<Record<string, Page>> {
  let pages: Promise<Readonly<Record<SitePath, Page>>> | undefined;
  const load = (): NonNullable<typeof pages> =>
    pages ??= import("./pages.ts").then(({ createPages }) => createPages(options));
  const later = (path: SitePath): Page => async (request, visit) => (await load())[path](request, visit);
  return Object.fromEntries(PATHS.map((path) => [path, later(path)]));
}

/** Finds the overview of several clusters, the pages and data of each below `/clusters/NAME/`, and the data of all. */
export function findFleetPage(
  options: SiteTerms & { readonly clusters: Clusters },
): (path: string) => Page | undefined {
  let pages: Promise<FleetPages> | undefined;
  const load = (): Promise<FleetPages> =>
    pages ??= import("./fleet.ts").then(({ createFleetPages }) => createFleetPages(options));
  return (path) => {
    const [, name = "", below] = /^\/clusters\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (options.clusters.all.has(name)) {
      // Its links are relative to a folder.
      if (below === undefined) return ({ url }) => redirect(options.respond, `${name}/${new URL(url).search}`);
      const known = PATHS.find((one) => one === below);
      return known && (async (request, visit) => (await load()).ofCluster(name, known, request, visit));
    }
    if (path === "/") return async (request, visit) => (await load()).overview(request, visit);
    if (path !== "/api/v1/status" && path !== "/api/v1/plan") return undefined;
    return async (request, visit) => (await load()).data(path, request, visit);
  };
}
