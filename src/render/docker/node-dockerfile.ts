import type { NodeBuild } from './build-facts.ts'
import { broken, dockerfile, execForm, stage } from './dockerfile-text.ts'
import { healthCheck } from './health-check.ts'
import { type ImageRecipe, listening, USER, WORK_FOLDER } from './image-recipe.ts'
import { NPM_CACHE, type PackageManagerSteps, packageManagerSteps } from './package-manager.ts'
import { mayBeInPackages, needsPackageManager, startCommand } from './start-command.ts'

type Recipe = ImageRecipe<NodeBuild>

const DEFAULT_NODE = '24'
/** Where the official images keep npm, corepack and yarn. */
const PACKAGE_MANAGER_FILES = [
  '/usr/local/lib/node_modules',
  '/usr/local/bin/npm',
  '/usr/local/bin/npx',
  '/usr/local/bin/corepack',
  '/usr/local/bin/yarn',
  '/usr/local/bin/yarnpkg',
  '/opt/yarn-*',
]

/** Stages that need more than others come later, so that a change of sources installs nothing anew. */
export function nodeDockerfile(recipe: Recipe): string {
  const { build } = recipe
  const steps = packageManagerSteps(build)
  return dockerfile(recipe.header, [
    baseStage(recipe),
    ...(steps.from === undefined ? [] : [toolsStage(steps)]),
    dependenciesStage(recipe, steps),
    ...(build.hasDependencies ? [productionDependenciesStage(recipe, steps)] : []),
    ...(build.scripts.build === undefined ? [] : [buildStage(build)]),
    developmentStage(recipe),
    productionStage(recipe, steps),
  ])
}

function baseStage({ base, build }: Recipe): string {
  const image = base ?? `node:${build.nodeVersion ?? DEFAULT_NODE}-slim`
  return `FROM ${image} AS base\nWORKDIR ${WORK_FOLDER}`
}

function toolsStage({ from, variables }: PackageManagerSteps): string {
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  return stage('The package manager; the stage that is released does not have it.', [
    'FROM base AS tools',
    settings.length === 0 ? [] : `ENV ${broken(settings)}`,
    // The official images bring another yarn, which npm replaces only when it is told to.
    run({ cache: NPM_CACHE, isCacheLocked: false }, `npm install --global --force ${from}`),
  ])
}

function dependenciesStage(recipe: Recipe, steps: PackageManagerSteps): string {
  return stage('Everything that building and developing need.', [
    `FROM ${withTools(steps)} AS dependencies`,
    installation(recipe.build, steps, steps.install),
  ])
}

function productionDependenciesStage(recipe: Recipe, steps: PackageManagerSteps): string {
  return stage('What runs needs no more than these.', [
    `FROM ${withTools(steps)} AS production-dependencies`,
    installation(recipe.build, steps, steps.installProduction),
  ])
}

function buildStage({ packageManager }: NodeBuild): string {
  return stage('What runs is made here.', [
    'FROM dependencies AS build',
    'COPY . .',
    `RUN ${packageManager} run build`,
  ])
}

function developmentStage({ build, port, command }: Recipe): string {
  return stage('The sources are mounted over these.', [
    `FROM ${build.scripts.dev === undefined && build.scripts.build !== undefined ? 'build' : 'dependencies'} AS development`,
    `ENV NODE_ENV=development LOG_LEVEL=debug ${listening(port)}`,
    'COPY --chown=1000:1000 . .',
    // Tools write what they make and what they remember.
    `RUN mkdir -p node_modules && chown ${USER} . node_modules`,
    `USER ${USER}`,
    `EXPOSE ${port}`,
    commandLines(developmentCommand(build, command)),
  ])
}

/** The `dev` script, else what production starts; of plain sources, again after every change. */
function developmentCommand(build: NodeBuild, command: Recipe['command']): readonly string[] | undefined {
  if (build.scripts.dev !== undefined) return [build.packageManager, 'run', 'dev']
  const start = startCommand(command, build)
  const [program, ...rest] = start ?? []
  return program === 'node' && build.scripts.build === undefined ? ['node', '--watch', ...rest] : start
}

function productionStage(recipe: Recipe, steps: PackageManagerSteps): string {
  const { build, port, target } = recipe
  const command = startCommand(recipe.command, build)
  const managed = needsPackageManager(command)
  return stage(productionComment(managed), [
    `FROM ${managed ? withTools(steps) : 'base'} AS ${target}`,
    `ENV NODE_ENV=production ${listening(port)}`,
    mayBeInPackages(command) ? `ENV PATH=${WORK_FOLDER}/node_modules/.bin:$PATH` : [],
    managed ? [] : `RUN ${broken(['rm -rf', ...PACKAGE_MANAGER_FILES])}`,
    build.hasDependencies
      ? `COPY --from=production-dependencies ${WORK_FOLDER}/node_modules ./node_modules`
      : [],
    contents(build),
    `USER ${USER}`,
    `EXPOSE ${port}`,
    'STOPSIGNAL SIGTERM',
    healthLines(recipe),
    commandLines(command),
  ])
}

function productionComment(managed: boolean): string {
  const held = 'What is released: all of it belongs to root, and nothing in it is ever written.'
  return managed ? `${held}\nThe command needs the package manager, so it is kept.` : held
}

/** What runs, and nothing that it was made from. */
function contents({ scripts, output, sources, assets }: NodeBuild): readonly string[] {
  const isBuilt = scripts.build !== undefined
  const paths = [...new Set([isBuilt ? output : sources, ...assets])]
  if (paths.includes('.')) return ['COPY . .']
  const from = isBuilt ? `--from=build ${WORK_FOLDER}/` : ''
  return ['package.json', ...paths].map(path => `COPY ${from}${path} ./${path}`)
}

function healthLines({ liveness }: Recipe): string {
  const check = healthCheck(liveness)
  const options = [
    `--interval=${check.interval}`,
    `--timeout=${check.timeout}`,
    `--start-period=${check.startPeriod}`,
    `--retries=${check.retries}`,
  ]
  return `HEALTHCHECK ${options.join(' ')} \\\n    CMD ${execForm(check.command)}`
}

function commandLines(command: readonly string[] | undefined): readonly string[] {
  if (command !== undefined) return [`CMD ${execForm(command)}`]
  return [
    '# Nothing says what to start: package.json has neither a start script that needs no shell nor a main file.',
    '# Name the `command` of the service in the blueprint.',
  ]
}

function withTools({ from }: PackageManagerSteps): string {
  return from === undefined ? 'base' : 'tools'
}

function installation(build: NodeBuild, steps: PackageManagerSteps, command: string): readonly string[] {
  return [
    `COPY ${build.installFiles.join(' ')} ./`,
    ...build.installFolders.map(folder => `COPY ${folder} ./${folder}`),
    // It would run without the sources that it prepares, and in production without the tools that it calls.
    ...(build.scripts.prepare === undefined ? [] : ['RUN npm pkg delete scripts.prepare']),
    run(steps, command),
  ]
}

/** The builder's own npm settings are seen while the line runs, when it is given them: `--secret id=npmrc,src=.npmrc`. */
function run(
  { cache, isCacheLocked }: Pick<PackageManagerSteps, 'cache' | 'isCacheLocked'>,
  command: string,
): string {
  return broken([
    `RUN --mount=type=cache,target=${cache}${isCacheLocked ? ',sharing=locked' : ''}`,
    '--mount=type=secret,id=npmrc,target=/root/.npmrc',
    command,
  ])
}
