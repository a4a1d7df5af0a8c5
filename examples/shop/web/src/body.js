const maxBytes = 16 * 1024

/** The request asks for more than this service reads. */
export class BodyTooLarge extends Error {}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<string>} @throws {BodyTooLarge} */
export async function readAll(request) {
  const chunks = []
  let bytes = 0
  // Stopping early must leave the socket open: the refusal is still to be sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new BodyTooLarge(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
