import { readFileSync } from 'node:fs'

/**
 * @typedef {object} Settings
 * @property {string} host
 * @property {number} port 0 takes any free port
 * @property {'debug' | 'info' | 'warn' | 'error'} logLevel
 * @property {string} greeting
 * @property {string} currency ISO 4217 code
 * @property {ReadonlySet<string>} features names in lower case
 * @property {string | undefined} secretFile
 * @property {string} release
 * @property {string} color
 * @property {number} drainSeconds how long a stopping instance goes on answering, so that balancers see it leave
 * @property {number} graceSeconds from SIGTERM until whatever still runs is cut off
 */

const logLevels = /** @type {const} */ (['debug', 'info', 'warn', 'error'])

/**
 * Defaults, then the file that CONFIG_FILE names, then the environment: the last word wins.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Settings}
 * @throws when a value can't be used; a service that guesses its configuration is worse than one that stays down
 */
export function readSettings(environment) {
  const file = environment.CONFIG_FILE ? JSON.parse(readFileSync(environment.CONFIG_FILE, 'utf8')) : {}
  return {
    host: environment.HOST || '127.0.0.1',
    port: number(environment, 'PORT', 3000),
    logLevel: logLevel(environment.LOG_LEVEL || 'info'),
    greeting: environment.GREETING ?? file.greeting ?? 'Welcome',
    currency: environment.CURRENCY ?? file.currency ?? 'EUR',
    features: features(environment, file.features ?? []),
    secretFile: environment.SECRET_FILE || undefined,
    release: environment.SLUICE_RELEASE || 'unreleased',
    color: environment.SLUICE_COLOR || 'none',
    drainSeconds: number(environment, 'DRAIN_SECONDS', 1),
    graceSeconds: number(environment, 'GRACE_SECONDS', 9),
  }
}

/** @param {NodeJS.ProcessEnv} environment @param {string} name @param {number} otherwise */
function number(environment, name, otherwise) {
  const value = Number(environment[name] || otherwise)
  if (!(value >= 0)) throw new Error(`${name}: expected a number that is not negative`)
  return value
}

/** @param {string} name */
function logLevel(name) {
  const level = logLevels.find(known => known === name)
  if (level === undefined) throw new Error(`LOG_LEVEL: expected one of ${logLevels.join(', ')}`)
  return level
}

/** FEATURE_STOCK=true switches `stock` on, FEATURE_STOCK=false off. @param {NodeJS.ProcessEnv} environment @param {string[]} fromFile */
function features(environment, fromFile) {
  const on = new Set(fromFile)
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('FEATURE_')) continue
    const feature = name.slice('FEATURE_'.length).toLowerCase()
    if (value === 'true') on.add(feature)
    else on.delete(feature)
  }
  return on
}
