import { UserError } from '../../model/user-error.ts'
import { printable } from '../terminal/printable.ts'
import type { TerraformCall, TerraformResult } from './terraform-program.ts'

const KEPT_LINES = 40

export interface FailedRun {
  /** Such as `init`. */
  readonly words: string
  readonly result: TerraformResult
}

/** What Terraform said when it failed, behind what most often helps. */
export function planFailure(
  { program, folder }: Pick<TerraformCall, 'program' | 'folder'>,
  { words, result }: FailedRun,
): UserError {
  const lines = printable(result.stderr).trim().split('\n').slice(-KEPT_LINES)
  const said = lines.join('\n') === '' ? 'it said nothing' : `it said:\n${lines.join('\n')}`
  return new UserError(
    folder,
    `\`${program} ${words}\` ended with code ${result.code ?? 'none'}`,
    `${remedyFor(result.stderr)}; ${said}`,
  )
}

/** By the words of Terraform's S3 backend and of its AWS provider. */
function remedyFor(stderr: string): string {
  if (/account ID not allowed/i.test(stderr)) {
    return 'you are signed in to another account: sign in to that of `allowed_account_ids` in backend.tf and try again'
  }
  if (/credential/i.test(stderr)) {
    return 'sign in to the account that the folder belongs to (AWS_PROFILE, `aws sso login`) and try again'
  }
  if (/bucket .*does not exist|NoSuchBucket/is.test(stderr)) {
    return 'the bucket for states is not made yet: terraform/README.md says which folder makes it and how to begin'
  }
  return 'mend what it names and try again'
}
