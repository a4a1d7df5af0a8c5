import { headerOf } from '../header.ts'
import { jsonText } from '../json-text.ts'
import type { RenderedFile, Renderer } from '../rendered-file.ts'
import { dashboard } from './grafana/dashboard.ts'
import { observabilityGuide } from './observability-guide.ts'
import { controlPlaneRules, environmentRules } from './rules-file.ts'
import { watchedEnvironments } from './watched-environment.ts'

/** Rules for Prometheus and a dashboard for Grafana; CloudWatch has a Terraform module. */
export const renderObservability: Renderer = ({ blueprint }) => {
  const watched = watchedEnvironments(blueprint)
  if (watched.length === 0) return []
  const header = headerOf(blueprint.file)
  const shown = watched.filter(({ settings }) => settings.monitoring.dashboard)
  const files: RenderedFile[] = watched.map(environment => ({
    path: `observability/prometheus/${environment.name}.rules.yaml`,
    environment: environment.name,
    text: () => environmentRules(header, environment),
  }))
  if (watched.some(({ settings }) => settings.monitoring.alarms))
    files.push({
      path: 'observability/prometheus/control-plane.yaml',
      text: () => controlPlaneRules(header, blueprint),
    })
  if (shown.length > 0)
    files.push({
      path: `observability/grafana/${blueprint.project}.json`,
      text: () => jsonText(dashboard(blueprint.project, shown)),
    })
  files.push({ path: 'observability/README.md', text: () => observabilityGuide(header, blueprint) })
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
