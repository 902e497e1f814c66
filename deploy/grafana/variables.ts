import {
  type Builder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from "./sdk.ts";
import { DATASOURCE, EXPORTER, EXPORTERS } from "./queries.ts";

/** What is chosen at the top: the data source, the jobs, the hosts that get a row each, and the clusters where an exporter has several. */
export function variables(): Builder<VariableModel>[] {
  return [
    new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"),
    labelVariable("job", "Job", "label_values(walg_exporter_build_info, job)")
      .current({ text: ["All"], value: ["$__all"], selected: true }),
    labelVariable("instance", "Host", `label_values(walg_exporter_build_info{${EXPORTERS}}, instance)`),
    labelVariable("cluster", "Cluster", `label_values(walg_scrape_success{${EXPORTER}}, cluster)`)
      .current({ text: ["All"], value: ["$__all"], selected: true })
      // An exporter of one cluster without a name has no such label, which matches this and nothing else.
      .allValue(".*"),
  ];
}

function labelVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name).label(label).datasource(DATASOURCE).query(query).definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged).sort(VariableSort.NaturalAsc).multi(true).includeAll(true);
}
