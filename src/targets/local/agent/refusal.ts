/** A request that is not carried out, told to the client with its remedy; nothing was changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly where: string
  readonly remedy: string

  constructor(o: { readonly where: string; readonly what: string; readonly remedy: string }) {
    super(o.what)
    this.where = o.where
    this.remedy = o.remedy
  }
}
