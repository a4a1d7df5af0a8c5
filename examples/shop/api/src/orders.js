import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { findProduct } from './catalogue.js'

/** The process runs for as long as it likes: the oldest orders make room. */
const keptOrders = 1_000

/**
 * @typedef {object} Order
 * @property {string} id
 * @property {string} product
 * @property {number} quantity
 * @property {number} cents
 * @property {string | null} receipt signature of the order; null where no secret is configured
 */

/** @param {{ secretFile: string | undefined, quotes: import('./quotes.js').Quotes }} options */
export function createOrders({ secretFile, quotes }) {
  /** @type {Map<string, Order>} */
  const orders = new Map()
  return {
    /** @param {string} text the request's body @returns {Promise<Order | { refused: string }>} */
    async place(text) {
      const wanted = parse(text)
      if ('refused' in wanted) return wanted
      const id = randomUUID()
      const cents = quotes.total(wanted.product, wanted.quantity)
      const receipt = secretFile ? await sign(secretFile, `${id}:${cents}`) : null
      const order = { id, product: wanted.product.id, quantity: wanted.quantity, cents, receipt }
      orders.set(id, order)
      const [oldest] = orders.keys()
      if (orders.size > keptOrders && oldest !== undefined) orders.delete(oldest)
      return order
    },
  }
}

/** @param {string} text @returns {{ product: import('./catalogue.js').Product, quantity: number } | { refused: string }} */
function parse(text) {
  const order = parseJson(text)
  const product = findProduct(String(order?.productId))
  if (product === undefined) return { refused: 'productId: no such product' }
  const quantity = Number(order?.quantity)
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 99) return { refused: 'quantity: 1 to 99' }
  return { product, quantity }
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The file is read for every order: a secret that was rotated counts from the next one on, without a restart. @param {string} secretFile @param {string} text */
async function sign(secretFile, text) {
  const secret = (await readFile(secretFile, 'utf8')).trimEnd()
  return createHmac('sha256', secret).update(text).digest('hex')
}

/** @typedef {ReturnType<typeof createOrders>} Orders */
