import { Interrupted } from '../wrong-use.ts'

type Prompts = typeof import('@clack/prompts')
type Cancelled = Prompts['CANCEL_SYMBOL']

/** Asks yes or no on a terminal; the questions' library is loaded only when one is asked. */
export async function confirm(
  message: string,
  { initial }: { readonly initial?: boolean } = {},
): Promise<boolean> {
  const prompts = await import('@clack/prompts')
  return answered(prompts, await prompts.confirm({ message, initialValue: initial ?? false }))
}

export async function askText(o: { readonly message: string; readonly initial?: string }): Promise<string> {
  const prompts = await import('@clack/prompts')
  const initial = o.initial === undefined ? {} : { initialValue: o.initial }
  const validate = (text: string | undefined) => ((text ?? '').trim() === '' ? 'Write something.' : undefined)
  return answered(prompts, await prompts.text({ message: o.message, ...initial, validate })).trim()
}

/** Does not show what is typed. */
export async function askSecret(message: string): Promise<string> {
  const prompts = await import('@clack/prompts')
  return answered(prompts, await prompts.password({ message }))
}

function answered<T>(prompts: Prompts, value: T): Exclude<T, Cancelled> {
  if (prompts.isCancel(value)) throw new Interrupted()
  return value as Exclude<T, Cancelled>
}
