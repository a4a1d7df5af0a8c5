const timeoutMilliseconds = 5_000

/**
 * @typedef {object} Product
 * @property {string} id
 * @property {string} name
 * @property {number} cents
 * @property {string} currency
 * @property {number} [stock]
 *
 * @typedef {{ version: string, products: Product[] }} ProductList
 * @typedef {{ version: string, product: Product }} ProductDetail
 * @typedef {{ order: { id: string } }} PlacedOrder
 *
 * @typedef {{ kind: 'failed', release: string, reason: string }} Failed `release` is `unknown` where no answer came
 * @typedef {{ kind: 'refused', status: number, reason: string }} Refused
 */

/**
 * @template Content
 * @typedef {{ kind: 'answered', content: Content } | Refused | Failed} Outcome
 */

/**
 * The API behind the address that the platform puts into the environment, as Kubernetes does for every Service.
 * @param {NodeJS.ProcessEnv} environment
 */
export function createShopApi({ API_SERVICE_HOST: host, API_SERVICE_PORT: port }) {
  if (!host || !port) {
    throw new Error('API_SERVICE_HOST and API_SERVICE_PORT: expected the address of the API')
  }
  const origin = `http://${host}:${port}`
  return {
    /** @param {string} requestId @returns {Promise<Outcome<ProductList>>} */
    products: requestId => call(`${origin}/products`, { requestId }),
    /** @param {string} id @param {string} requestId @returns {Promise<Outcome<ProductDetail>>} */
    product: (id, requestId) => call(`${origin}/products/${encodeURIComponent(id)}`, { requestId }),
    /** @param {{ productId: string, quantity: number }} order @param {string} requestId @returns {Promise<Outcome<PlacedOrder>>} */
    order: (order, requestId) => call(`${origin}/orders`, { requestId, posted: order }),
  }
}

/**
 * Not repeated when it fails: an order may have been placed, and a failure that hides is a failure that stays.
 * @param {string} url @param {{ requestId: string, posted?: object }} request
 */
async function call(url, { requestId, posted }) {
  try {
    const response = await fetch(url, {
      headers: { 'x-request-id': requestId, ...(posted ? { 'content-type': 'application/json' } : {}) },
      ...(posted ? { method: 'POST', body: JSON.stringify(posted) } : {}),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    return await outcome(response)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return failed('unknown', `no answer from the API: ${cause}`)
  }
}

/** @param {Response} response */
async function outcome(response) {
  const text = await response.text()
  if (response.status >= 500) {
    return failed(response.headers.get('x-release') ?? 'unknown', `the API answered ${response.status}`)
  }
  const content = JSON.parse(text)
  if (response.ok) return { kind: /** @type {const} */ ('answered'), content }
  return { kind: /** @type {const} */ ('refused'), status: response.status, reason: String(content.error) }
}

/** @param {string} release @param {string} reason @returns {Failed} */
function failed(release, reason) {
  return { kind: 'failed', release, reason }
}

/** @typedef {ReturnType<typeof createShopApi>} ShopApi */
