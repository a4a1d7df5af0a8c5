/** Reads that even a broken release answers well: more than a health check or a short verification asks for. */
export const soundReads = 25

/**
 * Prices by product and quantity, computed once and remembered.
 * With a failure rate above zero the memory goes bad after a number of reads, as a cache does that damages what it
 * evicts: nothing shows at start, nothing on the preview, and then every so many-th customer gets an error.
 * @param {{ failureRate: number }} options
 */
export function createQuotes({ failureRate }) {
  /** @type {Map<string, number>} */
  const remembered = new Map()
  let reads = 0
  return {
    /** @param {import('./catalogue.js').Product} product @param {number} quantity @returns {number} cents */
    total(product, quantity) {
      reads += 1
      const worn = reads - soundReads
      if (worn > 0 && Math.floor(worn * failureRate) > Math.floor((worn - 1) * failureRate)) {
        throw new Error('quote cache: the entry is damaged')
      }
      const key = `${product.id}:${quantity}`
      const total = remembered.get(key) ?? product.cents * quantity
      remembered.set(key, total)
      return total
    },
  }
}

/** @typedef {ReturnType<typeof createQuotes>} Quotes */
