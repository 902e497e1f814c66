import type { Config } from "../config.ts";
import type { Host } from "../host.ts";
import type { Exposition } from "../metrics/exposition.ts";
import type { Page } from "./handler.ts";
import type { Respond } from "./response.ts";

/** What pages are made from. */
export interface SiteOptions {
  readonly config: Config;
  readonly host: Host;
  readonly exposition: Exposition;
  readonly respond: Respond;
}

/** The pages for people, and their data, by path. */
export function sitePages({ config, respond }: SiteOptions): Readonly<Record<string, Page>> {
  const landing = `<!doctype html><title>walg-exporter</title><a href="${config.telemetryPath}">metrics</a>\n`;
  return { "/": () => respond(landing, "text/html; charset=utf-8") };
}
