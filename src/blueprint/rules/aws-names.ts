import type { Finding, Rule, Subject } from './rule.ts'

/** Names that AWS refuses, or that would be those of something else there. */
export const awsNames: Rule = subject => {
  const onAws = Object.values(subject.environments).some(({ settings }) => settings.target !== 'local')
  if (!onAws) return []
  return [
    ...repositoryNames(subject),
    ...roleNames(subject),
    ...environmentNames(subject),
    ...beginnings(subject),
    ...labels(subject),
  ]
}

/** Amazon ECR, "CreateRepository": one dash stands between letters and digits. */
function repositoryNames({ blueprint }: Subject): Finding[] {
  const names = [
    { name: blueprint.project, path: ['project'] },
    ...Object.keys(blueprint.services).map(name => ({ name, path: ['services', name] })),
  ]
  return names.flatMap(({ name, path }) =>
    name.includes('--')
      ? [
          {
            path,
            what: 'has two dashes in a row, which no image registry of AWS takes',
            remedy: 'write one',
          },
        ]
      : [],
  )
}

/** Roles of machines: PROJECT-ENVIRONMENT-deploy and the like. */
const MACHINES = [
  'boundary',
  'build',
  'cluster',
  'deploy',
  'fargate',
  'instances',
  'node',
  'plan',
  'sluice',
  'vpc-cni',
]

function roleNames({ blueprint }: Subject): Finding[] {
  return Object.keys(blueprint.roles ?? {}).flatMap(name =>
    MACHINES.includes(name)
      ? [
          {
            path: ['roles', name],
            what: 'is what a role of a machine is called in AWS',
            remedy: 'choose another name',
          },
        ]
      : [],
  )
}

/** Their Terraform stands beside the environments, in buckets and folders of these names. */
const ROOTS = ['shared', 'organization']

function environmentNames({ blueprint }: Subject): Finding[] {
  return Object.keys(blueprint.environments).flatMap(name =>
    ROOTS.includes(name)
      ? [
          {
            path: ['environments', name],
            what: `is the name of what all environments share`,
            remedy: 'choose another name',
          },
        ]
      : [],
  )
}

/** Permissions end in PROJECT-ENVIRONMENT-*: in one account they would reach into another environment. */
function beginnings({ environments }: Subject): Finding[] {
  return Object.entries(environments).flatMap(([name, { settings }]) => {
    const shorter = Object.entries(environments).find(
      ([other, { settings: others }]) =>
        name.startsWith(`${other}-`) && others.account !== undefined && others.account === settings.account,
    )
    return shorter === undefined
      ? []
      : [
          {
            severity: 'warning',
            path: ['environments', name],
            what: `begins with the name of ${shorter[0]} in the same account, whose permissions reach it`,
            remedy: 'give it another name or an account of its own',
          } as const,
        ]
  })
}

/** IAM does not tell upper from lower case in the keys of tags. */
const OWN_TAGS = ['project', 'environment', 'service', 'managedby', 'name']

function labels({ blueprint }: Subject): Finding[] {
  const layers = [
    ...Object.entries(blueprint.services).map(([name, layer]) => ({ path: ['services', name], layer })),
    ...Object.entries(blueprint.environments).flatMap(([name, { defaults, services = {} }]) => [
      { path: ['environments', name, 'defaults'], layer: defaults },
      ...Object.entries(services).map(([service, layer]) => ({
        path: ['environments', name, 'services', service],
        layer,
      })),
    ]),
  ]
  return layers.flatMap(({ path, layer }) =>
    Object.keys(layer?.labels ?? {}).flatMap(label =>
      OWN_TAGS.includes(label.toLowerCase()) || /^aws:/i.test(label)
        ? [
            {
              path: [...path, 'labels', label],
              what: 'is a tag that Sluice or AWS itself gives',
              remedy: 'choose another name',
            },
          ]
        : [],
    ),
  )
}
