import { BodyTooLarge } from './body.js'

/**
 * @typedef {import('./service.js').Call} Call
 * @typedef {import('./service.js').Answer} Answer
 * @typedef {object} Parts
 * @property {import('./shop-api.js').ShopApi} api
 * @property {import('./pages.js').Pages} pages
 * @property {import('./log.js').Log} log
 */

/** @param {Parts} parts @returns {(call: Call) => Promise<Answer>} */
export function createRoutes(parts) {
  const { api, pages } = parts
  return async call => {
    const { method, path, requestId } = call
    const [, resource, id, ...rest] = path.split('/')
    if (resource === 'orders' && id === undefined) {
      return method === 'POST' ? order(parts, call) : pages.problem(405, 'Orders are posted.')
    }
    if (method !== 'GET' && method !== 'HEAD') return pages.problem(405, 'This page can only be read.')
    if (path === '/') return shown(parts, call, { outcome: await api.products(requestId), page: pages.list })
    if (resource !== 'products' || !id || rest.length > 0) return pages.problem(404, 'No such page.')
    return shown(parts, call, { outcome: await api.product(id, requestId), page: pages.product })
  }
}

/** @param {Parts} parts @param {Call} call @returns {Promise<Answer>} */
async function order(parts, call) {
  try {
    const form = new URLSearchParams(await call.body())
    const wanted = { productId: form.get('productId') ?? '', quantity: Number(form.get('quantity') ?? '1') }
    const outcome = await parts.api.order(wanted, call.requestId)
    return shown(parts, call, { outcome, page: parts.pages.ordered })
  } catch (error) {
    if (error instanceof BodyTooLarge) return parts.pages.problem(413, 'This is no order.')
    throw error
  }
}

/**
 * The page for what the API answered, or a 502 that names the release that failed: blame must not fall on this one.
 * @template Content
 * @param {Parts} parts
 * @param {Call} call
 * @param {{ outcome: import('./shop-api.js').Outcome<Content>, page: (content: Content) => Answer }} answer
 */
function shown({ pages, log }, { requestId, path }, { outcome, page }) {
  if (outcome.kind === 'answered') return page(outcome.content)
  if (outcome.kind === 'refused') return pages.problem(outcome.status, outcome.reason)
  const { reason, release } = outcome
  log.warn('API failed', { requestId, path, reason, failedRelease: release })
  const problem = pages.problem(502, 'The shop is having a problem. Please try again.')
  return { ...problem, headers: { ...problem.headers, 'x-failed-release': release } }
}
