/**
 * @typedef {object} Product
 * @property {string} id
 * @property {string} name
 * @property {number} cents
 * @property {number} stock
 */

/** @type {readonly Product[]} */
export const products = [
  { id: '1', name: 'Brass weir gauge', cents: 4_900, stock: 12 },
  { id: '2', name: 'Oak paddle', cents: 3_250, stock: 40 },
  { id: '3', name: 'Lock key', cents: 1_800, stock: 75 },
  { id: '4', name: 'Canal map, 1834', cents: 2_400, stock: 9 },
  { id: '5', name: 'Rope, 20 m', cents: 2_150, stock: 31 },
  { id: '6', name: 'Signal lamp', cents: 7_600, stock: 4 },
]

/** @param {string} id */
export function findProduct(id) {
  return products.find(product => product.id === id)
}
