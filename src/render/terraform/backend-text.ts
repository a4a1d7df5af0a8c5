import { hclValue } from './hcl-text.ts'

/** Where a folder's state lies. */
export interface Backend {
  readonly bucket: string
  readonly key: string
  readonly region: string
  readonly accountId: string
}

/**
 * A backend takes no variables, so that it is a file of its own. The bucket encrypts by itself, with its key: asking for
 * encryption here would ask for another one. The lock is a file beside the state.
 */
export function backendText({ bucket, key, region, accountId }: Backend): string {
  return [
    '# Where the state of this folder lies.',
    'terraform {',
    '  backend "s3" {',
    `    bucket              = ${hclValue(bucket)}`,
    `    key                 = ${hclValue(key)}`,
    `    region              = ${hclValue(region)}`,
    `    allowed_account_ids = [${hclValue(accountId)}]`,
    '    use_lockfile        = true',
    '  }',
    '}',
    '',
  ].join('\n')
}
