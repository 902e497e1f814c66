import type { Clusters } from "../../cluster/clusters.ts";
import type { Page } from "../handler.ts";
import type { FleetPages } from "./fleet.ts";
import type { SiteOptions, SiteTerms } from "./pages.ts";

export type { SiteTerms };

const PATHS = ["/", "/api/v1/status"] as const;

/** The pages for people, and their data, by path: loaded when somebody asks for one. */
export function sitePages(options: SiteOptions): Readonly<Record<string, Page>> {
  let pages: Promise<Readonly<Record<typeof PATHS[number], Page>>> | undefined;
  const load = (): NonNullable<typeof pages> =>
    pages ??= import("./pages.ts").then(({ createPages }) => createPages(options));
  const later = (path: typeof PATHS[number]): Page => async (request, visit) => (await load())[path](request, visit);
  return Object.fromEntries(PATHS.map((path) => [path, later(path)]));
}

/** Finds the overview of several clusters, the pages of each below `/clusters/NAME`, and their data. */
export function findFleetPage(
  options: SiteTerms & { readonly clusters: Clusters },
): (path: string) => Page | undefined {
  let pages: Promise<FleetPages> | undefined;
  const load = (): Promise<FleetPages> =>
    pages ??= import("./fleet.ts").then(({ createFleetPages }) => createFleetPages(options));
  const paths: readonly string[] = PATHS;
  return (path) => {
    const [, name = "", below = "/"] = /^\/clusters\/([^/]+)(\/.+)?$/.exec(path) ?? [];
    const cluster = options.clusters.all.get(name);
    if (cluster !== undefined && paths.includes(below) && !below.startsWith("/api/")) {
      return async (request, visit) => (await load()).ofCluster(cluster, below, request, visit);
    }
    if (path === "/") return async (request, visit) => (await load()).overview(request, visit);
    if (!paths.includes(path) || !path.startsWith("/api/")) return undefined;
    return async (request, visit) => (await load()).data(path, request, visit);
  };
}
