import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { formatDuration } from '../../blueprint/units.ts'
import type { AlertingRule, RuleGroup } from './rule.ts'
import { severityOf } from './watched-environment.ts'

type Project = Pick<ResolvedBlueprint, 'project' | 'environments'>

/** What is wrong with Sluice itself, from what its server tells at /metrics, and with rollouts of every environment. */
export function controlPlaneAlerts({ project, environments }: Project): readonly RuleGroup[] {
  const alarmed = environments.filter(({ settings }) => settings.monitoring.alarms)
  return [
    {
      name: `${project}/control-plane`,
      interval: '30s',
      rules: [noControlPlane(project, alarmed), controlPlaneErrors(project)],
    },
    ...alarmed.map(environment => ({
      name: `${project}/control-plane/${environment.name}`,
      interval: '30s',
      rules: [
        rolledBack(project, environment),
        waitsForApproval(project, environment),
        stuck(project, environment),
      ],
    })),
  ]
}

function noControlPlane(project: string, environments: readonly ResolvedEnvironment[]): AlertingRule {
  const pages = environments.some(environment => severityOf(environment) === 'page')
  return {
    alert: 'control-plane-missing',
    expr: 'absent(sluice_build_info)',
    for: '5m',
    labels: { project, severity: pages ? 'page' : 'warning' },
    annotations: {
      summary: `Sluice of ${project} is not measured`,
      description:
        'For five minutes no server of Sluice has answered at /metrics. Users are served, but nothing is rolled out, watched or rolled back.',
      runbook:
        'Start the server again: it takes up every rollout where it stopped. If it runs, look at the targets of Prometheus and its token.',
    },
  }
}

function controlPlaneErrors(project: string): AlertingRule {
  const requests = 'sluice_http_request_duration_seconds_count'
  return {
    alert: 'control-plane-errors',
    expr: `sum(rate(${requests}{status=~"5.."}[5m]))\n/\nsum(rate(${requests}[5m]))\n> 0.05`,
    for: '5m',
    labels: { project, severity: 'warning' },
    annotations: {
      summary: `Sluice of ${project} fails {{ $value | humanizePercentage }} of its requests`,
      description: 'Over five minutes more than 5% of the requests to its API were answered with 5xx.',
      runbook: 'The log of the server has the cause of each, its database first of all.',
    },
  }
}

function rolledBack(project: string, { name }: ResolvedEnvironment): AlertingRule {
  return {
    alert: 'rollout-taken-back',
    // Users are back within a second: the phase may be over before anybody asks.
    expr: openIn(name, { phases: 'rollback|withdraw', over: '15m' }),
    for: '0s',
    labels: { project, environment: name, severity: 'warning' },
    annotations: {
      summary: `A rollout in ${name} is taken back`,
      description: 'Users are on the release before, or on their way there.',
      runbook: `\`sluice rollout list --environment ${name}\` has the reason. The release does not come back by itself: mend it and promote a new one.`,
    },
  }
}

function waitsForApproval(project: string, { name }: ResolvedEnvironment): AlertingRule {
  return {
    alert: 'rollout-waits',
    expr: openIn(name, { phases: 'approval' }),
    for: '1h',
    labels: { project, environment: name, severity: 'warning' },
    annotations: {
      summary: `A rollout in ${name} has waited for a person for an hour`,
      description: 'The new color is up and verified; nobody has opened the switch.',
      runbook: `\`sluice rollout list --environment ${name} --open\` shows it: open it or abort it. It fails by itself when its deadline is over.`,
    },
  }
}

/** Phases that end by themselves within their deadline, whoever waits. */
const OWN_PACE = 'preflight|provision|verify|rollback|withdraw|retire'

function stuck(project: string, environment: ResolvedEnvironment): AlertingRule {
  const { name } = environment
  return {
    alert: 'rollout-stuck',
    expr: openIn(name, { phases: OWN_PACE }),
    for: formatDuration(patienceSeconds(environment)),
    labels: { project, environment: name, severity: severityOf(environment) },
    annotations: {
      summary: `A rollout in ${name} does not get on`,
      description: 'It has been in {{ $labels.phase }} for longer than any deadline of the blueprint.',
      runbook: `\`sluice rollout list --environment ${name} --open\` shows where it stands and why. \`sluice rollback ${name}\` moves users whatever it waits for.`,
    },
  }
}

/** At least an hour: services that follow each other pass through the same phases. */
function patienceSeconds({ services }: ResolvedEnvironment): number {
  const longest = services.map(({ spec: { rollout } }) => {
    const { preflight, provision, verify, retire } = rollout.deadlines
    return 2 * Math.max(preflight, provision, verify, retire)
  })
  return Math.max(3600, ...longest)
}

interface Phases {
  /** As a regular expression. */
  readonly phases: string
  /** Looks this far back; without it at this moment only. */
  readonly over?: string
}

/** Every replica of the server tells the same. */
function openIn(environment: string, { phases, over }: Phases): string {
  const open = `sluice_rollouts_open{environment="${environment}",phase=~"${phases}"}`
  const seen = over === undefined ? open : `max_over_time(${open}[${over}])`
  return `max by (phase) (${seen}) > 0`
}
