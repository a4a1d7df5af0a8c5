/**
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {import('./shop-api.js').Product} Product
 * @typedef {import('./service.js').Answer} Answer
 */

const style = `body{font:16px/1.5 system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem}
li{display:flex;gap:1rem;align-items:center;padding:.4rem 0}li a{flex:1}footer,small{color:#666}
.banner{background:#e8f3ec;padding:.5rem 1rem}`

/** @param {Settings} settings */
export function createPages(settings) {
  /** @param {{ status: number, title: string, content: string, version?: string }} page @returns {Answer} */
  const page = ({ status, title, content, version }) => ({
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
      'x-content-type-options': 'nosniff',
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style>
<h1><a href="/">${escape(settings.greeting)}</a></h1>
${settings.features.has('banner') ? '<p class="banner">Free shipping this week.</p>' : ''}
${content}
<footer>release ${escape(settings.release)}, ${escape(settings.color)}${version ? `, API version ${escape(version)}` : ''}</footer></html>
`,
  })

  return {
    /** @param {import('./shop-api.js').ProductList} list */
    list: ({ version, products }) =>
      page({ status: 200, title: 'Shop', version, content: `<ul>${products.map(listed).join('\n')}</ul>` }),
    /** @param {import('./shop-api.js').ProductDetail} detail */
    product: ({ version, product }) =>
      page({
        status: 200,
        title: product.name,
        version,
        content: `<h2>${escape(product.name)}</h2><p>${price(product)}${stock(product)}</p>${orderForm(product)}`,
      }),
    /** @param {import('./shop-api.js').PlacedOrder} placed */
    ordered: ({ order: { id } }) =>
      page({ status: 201, title: 'Ordered', content: `<p>Thank you. Order ${escape(id)}.</p>` }),
    /** @param {number} status @param {string} message */
    problem: (status, message) => page({ status, title: message, content: `<p>${escape(message)}</p>` }),
  }
}

/** @param {Product} product */
function listed(product) {
  const { id, name } = product
  return `<li><a href="/products/${encodeURIComponent(id)}">${escape(name)}</a>${price(product)}${stock(product)}${orderForm(product)}</li>`
}

/** @param {Product} product */
function orderForm({ id }) {
  return `<form method="post" action="/orders"><input type="hidden" name="productId" value="${escape(id)}"><input type="hidden" name="quantity" value="1"><button>Order</button></form>`
}

/** @param {Product} product */
function price({ cents, currency }) {
  return `<span>${escape(new Intl.NumberFormat('en', { style: 'currency', currency }).format(cents / 100))}</span>`
}

/** @param {Product} product */
function stock({ stock: left }) {
  return left === undefined ? '' : ` <small>${left} left</small>`
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

/** @typedef {ReturnType<typeof createPages>} Pages */
