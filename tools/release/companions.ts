import { basename } from "node:path";
import { root } from "../compile/bundle.ts";

/** What the host of Prometheus and Grafana needs of a release, as paths in the repository. */
export const COMPANIONS: readonly string[] = [
  "deploy/prometheus/walg.rules.yml",
  "deploy/prometheus/walg.site.rules.example.yml",
  "deploy/grafana/walg.json",
];

/** Copies the companions into a folder of release files, each under its own name. */
export async function copyCompanions(folder: string): Promise<void> {
  for (const path of COMPANIONS) await Deno.copyFile(`${root}/${path}`, `${folder}/${basename(path)}`);
}
