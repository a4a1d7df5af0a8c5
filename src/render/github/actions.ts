/** Actions by the commit of a version: a tag may be moved to other code, a commit may not. */
export const ACTIONS = {
  'actions/checkout': { commit: '11bd71901bbe5b1630ceea73d27597364c9af683', version: 'v4.2.2' },
  'actions/setup-node': { commit: '49933ea5288caeca8642d1e84afbd3f7d6820020', version: 'v4.4.0' },
  'aws-actions/amazon-ecr-login': { commit: '062b18b96a7aff071d4dc91bc00c4c1a7945b076', version: 'v2.0.1' },
  'aws-actions/configure-aws-credentials': {
    commit: 'ececac1a45f3b08a01d2dd070d28d111c5fe6722',
    version: 'v4.1.0',
  },
  'docker/build-push-action': { commit: '263435318d21b8e681c14492fe198d362a7d2c83', version: 'v6.18.0' },
  'docker/setup-buildx-action': { commit: 'e468171a9de216ec08956ac3ada2f0791b6bd435', version: 'v3.11.1' },
  'hashicorp/setup-terraform': { commit: 'b9cd54a3c349d3f38e8881555d616ced269862dd', version: 'v3.1.2' },
} as const

export type Action = keyof typeof ACTIONS

export const uses = (action: Action): string => `${action}@${ACTIONS[action].commit}`

/** People and Dependabot read the version from the comment behind the commit. */
export function withVersions(text: string): string {
  return Object.values(ACTIONS).reduce(
    (named, { commit, version }) => named.replaceAll(`@${commit}`, `@${commit} # ${version}`),
    text,
  )
}
