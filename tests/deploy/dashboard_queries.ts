import { buildDashboard } from "../../deploy/grafana/build.ts";

/** A query of the dashboard and where it stands. */
export interface DashboardQuery {
  readonly where: string;
  readonly expr: string;
}

/** Every query of the dashboard: panels, annotations and variables. */
export function dashboardQueries(): DashboardQuery[] {
  const { panels = [], annotations, templating } = buildDashboard();
  const ofPanels = panels.flatMap((panel) =>
    panel.type === "row" || !("targets" in panel) ? [] : (panel.targets ?? []).map((target) => ({
      where: `${panel.title ?? ""} ${"refId" in target ? target.refId : ""}`,
      expr: "expr" in target ? String(target.expr) : "",
    }))
  );
  const ofAnnotations = (annotations.list ?? []).map(({ name, expr = "" }) => ({ where: name, expr }));
  return [
    ...ofPanels,
    ...ofAnnotations,
    ...(templating.list ?? []).flatMap(({ name, query }) => {
      const [, selector] = /^label_values\((.+), \w+\)$/.exec(String(query)) ?? [];
      return selector === undefined ? [] : [{ where: `variable ${name}`, expr: selector }];
    }),
  ];
}
