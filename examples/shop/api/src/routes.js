import { BodyTooLarge } from './body.js'
import { findProduct, products } from './catalogue.js'
import { json } from './service.js'

/**
 * @typedef {object} Parts
 * @property {import('./settings.js').Settings} settings
 * @property {string} version
 * @property {import('./quotes.js').Quotes} quotes
 * @property {import('./orders.js').Orders} orders
 */

/** @param {Parts} parts @returns {(call: import('./service.js').Call) => Promise<import('./service.js').Answer>} */
export function createRoutes({ settings, version, quotes, orders }) {
  /** @param {import('./catalogue.js').Product} product @param {number} cents */
  const shown = ({ id, name, stock }, cents) => {
    const product = { id, name, cents, currency: settings.currency }
    return settings.features.has('stock') ? { ...product, stock } : product
  }

  return async ({ method, path, body }) => {
    const [, resource, id, ...rest] = path.split('/')
    if (resource === 'orders' && id === undefined) {
      return method === 'POST' ? placeOrder(orders, body) : json(405, { error: 'POST only' })
    }
    if (resource !== 'products' || rest.length > 0) return json(404, { error: 'no such resource' })
    if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'GET only' })
    if (id === undefined) {
      return json(200, { version, products: products.map(product => shown(product, product.cents)) })
    }
    const product = findProduct(id)
    if (product === undefined) return json(404, { error: 'no such product' })
    return json(200, { version, product: shown(product, quotes.total(product, 1)) })
  }
}

/** @param {Parts['orders']} orders @param {() => Promise<string>} body */
async function placeOrder(orders, body) {
  try {
    const order = await orders.place(await body())
    return 'refused' in order ? json(400, { error: order.refused }) : json(201, { order })
  } catch (error) {
    if (error instanceof BodyTooLarge) return json(413, { error: error.message })
    throw error
  }
}
