import { COLOR_LABEL, ENVIRONMENT_LABEL } from '../kubernetes/labels.ts'
import { PORT_NAME } from '../kubernetes/services.ts'

/** Labels of a pod that become labels of everything it is asked for: no application has to know its own color. */
const POD_LABELS = {
  project: 'app.kubernetes.io/part-of',
  environment: ENVIRONMENT_LABEL,
  service: 'app.kubernetes.io/name',
  color: COLOR_LABEL,
} as const

/** Often enough for a step of a rollout that lasts a minute; Prometheus by itself asks every minute. */
const INTERVAL = '15s'

/** Part of `prometheus.yml`, for a Prometheus without the operator. */
export function scrapeConfig(project: string, namespaces: readonly string[]): object {
  return {
    scrape_configs: [
      {
        job_name: project,
        scrape_interval: INTERVAL,
        kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: namespaces } }],
        relabel_configs: [
          {
            source_labels: ['__meta_kubernetes_pod_container_port_name'],
            regex: PORT_NAME,
            action: 'keep',
          },
          ...Object.entries(sources()).map(([target_label, source]) => ({
            source_labels: [source],
            target_label,
          })),
        ],
      },
    ],
  }
}

/** The same for the Prometheus operator. */
export function podMonitor(project: string, namespaces: readonly string[]): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: project, namespace: 'monitoring' },
    spec: {
      namespaceSelector: { matchNames: namespaces },
      selector: { matchLabels: { 'app.kubernetes.io/part-of': project } },
      podMetricsEndpoints: [
        {
          port: PORT_NAME,
          interval: INTERVAL,
          relabelings: Object.entries(sources()).map(([targetLabel, source]) => ({
            sourceLabels: [source],
            targetLabel,
          })),
        },
      ],
    },
  }
}

/** Where service discovery has what becomes a label, by that label. */
function sources(): Readonly<Record<string, string>> {
  const labels = Object.entries(POD_LABELS).map(([target, label]) => [
    target,
    `__meta_kubernetes_pod_label_${label.replaceAll(/[^A-Za-z0-9_]/g, '_')}`,
  ])
  return {
    ...Object.fromEntries(labels),
    namespace: '__meta_kubernetes_namespace',
    pod: '__meta_kubernetes_pod_name',
  }
}
