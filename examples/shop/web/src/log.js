const severity = { debug: 10, info: 20, warn: 30, error: 40 }

/**
 * @typedef {Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields?: Record<string, unknown>) => void>} Log
 */

/**
 * One JSON object a line on standard output. Bodies and query strings never get here: they may hold what is private.
 * @param {{ service: string, settings: import('./settings.js').Settings }} options
 * @returns {Log}
 */
export function createLog({ service, settings }) {
  // A log reader that goes away must not take the service with it.
  process.stdout.on('error', () => {})
  const { release, color, logLevel } = settings
  const at =
    /** @param {keyof typeof severity} level */
      level =>
      /** @param {string} message @param {Record<string, unknown>} [fields] */
      (message, fields) => {
        if (severity[level] < severity[logLevel]) return
        const entry = { time: new Date().toISOString(), level, service, release, color, message, ...fields }
        process.stdout.write(`${JSON.stringify(entry)}\n`)
      }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
