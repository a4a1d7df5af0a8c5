import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { environmentName } from '../names.ts'
import { yamlText } from '../yaml-text.ts'
import { podMonitor, scrapeConfig } from './scraping.ts'
import { type WatchedEnvironment, watchedEnvironments } from './watched-environment.ts'

/** What stands beside files that cannot have a first line of their own: where they come from and how to use them. */
export function observabilityGuide(header: string, blueprint: ResolvedBlueprint): string {
  const watched = watchedEnvironments(blueprint)
  const lines = [
    `<!-- ${header} It holds for every file of this folder. -->`,
    '',
    `# Watching ${blueprint.project}`,
    ...measurements(blueprint.project, watched),
    ...rules(blueprint.project, watched),
    ...dashboard(blueprint.project, watched),
    ...analysis(blueprint.project),
  ]
  return `${lines.join('\n')}\n`
}

function measurements(project: string, watched: readonly WatchedEnvironment[]): string[] {
  const namespaces = watched.flatMap(({ namespace }) => namespace ?? [])
  return [
    '',
    '## What has to be measured',
    '',
    '- Every service answers `/metrics` with the counter `http_requests_total{code}` and the histogram',
    '  `http_request_duration_seconds`; `code` is the HTTP status.',
    '- Scraping adds the labels `project`, `environment`, `service` and `color`, so no service has to know its own.',
    ...(namespaces.length === 0
      ? []
      : [
          '- kube-state-metrics (scraped with `honor_labels`) tells of instances, the kubelet (cAdvisor) of CPU and memory.',
          '- Network policies let Prometheus in where `monitoring.prometheus` is a name of the cluster (`http://prometheus.monitoring:9090`).',
          '',
          'For `prometheus.yml`:',
          '',
          ...yamlBlock(scrapeConfig(project, namespaces)),
          '',
          'The same for the Prometheus operator, if it looks for objects in the namespace `monitoring`:',
          '',
          ...yamlBlock(podMonitor(project, namespaces)),
        ]),
  ]
}

function rules(project: string, watched: readonly WatchedEnvironment[]): string[] {
  const first = watched[0]?.name ?? ''
  const alarmed = watched.filter(({ settings }) => settings.monitoring.alarms)
  return [
    '',
    '## Rules',
    '',
    ...watched.map(
      ({ name }) => `- \`prometheus/${name}.rules.yaml\`: what is recorded${alertsOf(alarmed, name)}.`,
    ),
    ...(alarmed.length === 0
      ? []
      : [
          '- `prometheus/control-plane.yaml`: alerts on Sluice itself, only for the Prometheus that scrapes its server',
          '  (`/metrics`, with a token that may read).',
        ]),
    '',
    'Name the files under `rule_files` in `prometheus.yml`; `promtool check rules prometheus/*.yaml` checks them. The operator takes',
    'the same groups as an object, with the labels that its `ruleSelector` asks for:',
    '',
    '```sh',
    '{',
    "  printf 'apiVersion: monitoring.coreos.com/v1\\nkind: PrometheusRule\\nmetadata: { name: %s, namespace: monitoring }\\nspec:\\n' \\",
    `    ${environmentName(project, first)}`,
    `  sed 's/^/  /' prometheus/${first}.rules.yaml`,
    '} | kubectl apply --filename -',
    '```',
    ...(alarmed.length === 0
      ? []
      : [
          '',
          '`severity: page` is for what users of production feel, `severity: warning` for everything else. An alert with the name of an',
          'alarm in CloudWatch (`5xx-rate`, `latency`, `cpu`, `memory`) has its limit.',
        ]),
  ]
}

const alertsOf = (alarmed: readonly WatchedEnvironment[], name: string): string =>
  alarmed.some(each => each.name === name) ? ', and alerts' : ' (alarms are off in the blueprint)'

function dashboard(project: string, watched: readonly WatchedEnvironment[]): string[] {
  const shown = watched.filter(({ settings }) => settings.monitoring.dashboard)
  if (shown.length === 0) return []
  return [
    '',
    '## Dashboard',
    '',
    `\`grafana/${project}.json\` shows ${shown.map(({ name }) => name).join(', ')}. Import it (Dashboards, New, Import), or put it where the`,
    'provisioning of Grafana looks:',
    '',
    ...yamlBlock({
      apiVersion: 1,
      providers: [
        { name: project, type: 'file', options: { path: `/var/lib/grafana/dashboards/${project}` } },
      ],
    }),
    '',
    'Its uid follows from the name of the project: importing it again replaces it.',
  ]
}

function analysis(project: string): string[] {
  const slot = `project="${project}",environment="$environment",service="$service",color="$color"`
  const counted = (name: string): string => `sum(increase(${name}{${slot}}[$window]))`
  const buckets = `rate(orders_duration_seconds_bucket{${slot}}[$window])`
  const queries = {
    requests: counted('orders_total'),
    errors: `${counted('orders_failed_total')} or vector(0)`,
    p95: `1000 * histogram_quantile(0.95, sum by (le) (${buckets}))`,
  }
  return [
    '',
    '## Analysis of rollouts',
    '',
    'In a cluster rollouts ask Prometheus (`monitoring.prometheus`) for the same counters, without these rules: a step may be younger than',
    'any range that is recorded. Let it scrape at least four times in `rollout.analysis.window`. A service with other counters says how to',
    'ask for them; `$window` is the time since the step began, and `or vector(0)` is for a counter that begins with the first failure:',
    '',
    ...yamlBlock({ rollout: { analysis: { queries } } }),
  ]
}

const yamlBlock = (value: object): string[] => ['```yaml', yamlText(value).trimEnd(), '```']
