import { existsSync, readFileSync } from 'node:fs'
import prettyMilliseconds from 'pretty-ms'
import { json, serve } from './serve.ts'

const { API_SERVICE_HOST, API_SERVICE_PORT, CONFIG_FILE = '/etc/config/settings.json' } = process.env
const { theme = 'light' }: { theme?: string } = existsSync(CONFIG_FILE)
  ? JSON.parse(readFileSync(CONFIG_FILE, 'utf8'))
  : {}

serve(async path => {
  if (path !== '/') return json(404, { error: 'not found' })
  const uptime = prettyMilliseconds(performance.now(), { compact: true })
  const body = `<!doctype html><title>Fleet</title><body class="${theme}"><p>${await vehicles()}</p><footer>up for ${uptime}</footer>\n`
  return { status: 200, type: 'text/html; charset=utf-8', body }
})

/** What the API says, or why it says nothing. */
async function vehicles(): Promise<string> {
  if (!API_SERVICE_HOST) return 'API_SERVICE_HOST names no API.'
  const answer = await fetch(`http://${API_SERVICE_HOST}:${API_SERVICE_PORT}/api/vehicles`, {
    signal: AbortSignal.timeout(2000),
  }).catch(() => undefined)
  if (!answer?.ok) return 'The API does not answer.'
  const { count }: { count: number } = await answer.json()
  return `${count} vehicles are on the road.`
}
