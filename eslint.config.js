import tseslint from 'typescript-eslint';

/**
 * The dependency rule: what each folder of src may import besides itself and runtime.
 * An entry is a folder, a file without its ending, or a package.
 */
const layers = {
  runtime: { folders: [], packages: ['pino', 'prom-client'] },
  domain: { folders: [], packages: [] },
  queue: { folders: ['domain'], packages: [] },
  'store/sqlite': {
    folders: ['domain', 'queue/task-store', 'queue/webhook-outbox', 'auth/key-store'],
    packages: ['better-sqlite3'],
  },
  content: { folders: ['domain', 'queue/content-store', 'queue/task-store'], packages: [] },
  webhooks: {
    folders: ['domain', 'queue/webhook-outbox', 'wallet/secret-file'],
    packages: ['ipaddr.js', 'standardwebhooks'],
  },
  auth: { folders: ['domain', 'wallet'], packages: [] },
  wallet: {
    folders: ['domain'],
    packages: ['@polkadot/util-crypto', '@polkadot/wasm-crypto', '@scure/sr25519', 'hash-wasm'],
  },
  engines: {
    folders: ['domain', 'validator/ports/summary-critic'],
    packages: [
      '@audio/decode-opus',
      '@wasm-audio-decoders/flac',
      '@wasm-audio-decoders/ogg-vorbis',
      'mpg123-decoder',
      'wink-nlp',
      'wink-eng-lite-web-model',
      'zod',
    ],
  },
  chain: {
    folders: ['domain', 'wallet'],
    packages: ['@polkadot/api', '@polkadot/types', '@polkadot/util', '@ideallabs/timelock_wasm_wrapper'],
  },
  axon: {
    folders: ['domain', 'wallet', 'auth', 'miner/ports', 'validator/ports'],
    packages: ['zod'],
  },
  validator: { folders: ['domain', 'engines'], packages: ['zod'] },
  miner: { folders: ['domain', 'engines'], packages: [] },
  rpc: {
    folders: ['../gen', 'domain', 'queue', 'content', 'auth', 'validator/ports', 'miner/ports'],
    packages: ['@grpc/grpc-js', '@bufbuild/protobuf', '@bufbuild/protovalidate', 'grpc-health-check'],
  },
  rest: {
    folders: ['../gen', 'rpc/clients', 'rpc/status', 'domain/limits', 'domain/errors', 'domain/scope'],
    packages: ['fastify', '@fastify/multipart', '@fastify/swagger', '@grpc/grpc-js'],
  },
  client: { folders: ['../gen', 'domain', 'rpc/clients', 'rpc/convert'], packages: [] },
  config: { folders: ['domain'], packages: ['zod', 'commander'] },
};

const restricted = (layer, { folders, packages }) => ({
  files: [`src/${layer}/**/*.ts`],
  plugins: { layers: { rules: { imports: importsRule } } },
  rules: { 'layers/imports': ['error', { layer, folders, packages }] },
});

const importsRule = {
  meta: { schema: [{ type: 'object' }] },
  create(context) {
    const [{ layer, folders, packages }] = context.options;
    const file = context.filename.replaceAll('\\', '/');
    const root = file.slice(0, file.lastIndexOf(`/src/${layer}/`) + '/src/'.length);
    const check = (node) => {
      const name = node.source?.value;
      if (typeof name !== 'string' || name.startsWith('node:')) return;
      if (!name.startsWith('.')) {
        if (!packages.some((entry) => name === entry || name.startsWith(`${entry}/`)))
          context.report({ node, message: `src/${layer} must not import the package ${name}` });
        return;
      }
      const target = new URL(name, `file://${file}`).pathname.replace(/\.(js|json)$/, '');
      const allowed = [layer, 'runtime', ...folders].map(
        (entry) => new URL(entry, `file://${root}`).pathname,
      );
      if (!allowed.some((entry) => target === entry || target.startsWith(`${entry}/`)))
        context.report({
          node,
          message: `src/${layer} must not import ${name}: see the dependency rule above`,
        });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

export default tseslint.config(
  { ignores: ['dist', 'gen', 'coverage', 'eslint.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Text is measured in code points on purpose.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/domain/**/*.ts', 'src/queue/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'process', 'fetch'],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // A cast in JSDoc is seen by tsc, which checks these files (tsc -p src/rest/page), but not by these rules.
    files: ['src/rest/page/*.js'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
    },
  },
  ...Object.entries(layers).map(([layer, rule]) => restricted(layer, rule)),
);
