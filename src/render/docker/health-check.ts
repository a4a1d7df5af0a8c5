import type { Probe } from '../../model/service-spec.ts'

/** Shorter ones would fail what is still starting. */
const SHORTEST_START_SECONDS = 10

/** A probe as Docker counts: what fails during the start period does not count. */
export interface HealthCheck {
  readonly command: readonly string[]
  readonly interval: string
  readonly timeout: string
  readonly startPeriod: string
  readonly retries: number
}

/**
 * Program and arguments that ask a Node service from inside its own container: slim images have no curl.
 * `fetch` would take three times as long to load, every few seconds.
 */
export function healthCommand(path: string): readonly string[] {
  const options = `{ host: '127.0.0.1', port: require('process').env.PORT, path: ${quoted(path)} }`
  const answered = 'answer => process.exit(answer.statusCode < 400 ? 0 : 1)'
  return ['node', '-e', `require('http').get(${options}, ${answered}).on('error', () => process.exit(1))`]
}

export function healthCheck(probe: Probe): HealthCheck {
  return {
    command: healthCommand(probe.path),
    interval: `${probe.periodSeconds}s`,
    timeout: `${probe.timeoutSeconds}s`,
    startPeriod: `${Math.max(SHORTEST_START_SECONDS, probe.initialDelaySeconds)}s`,
    retries: probe.failureThreshold,
  }
}

/** With single quotes, which need no escape inside of JSON. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
