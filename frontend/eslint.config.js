import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Forbids imports by the text of their path; every import inside src is relative.
 *
 * @param {string[]} files
 * @param {[string, string][]} rules pattern and message of each
 */
function zone(files, ...rules) {
  const patterns = rules.map(([regex, message]) => ({ regex, message }));
  return { files, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

const OTHER_FEATURE = "a feature imports api, components and lib, and no other feature";

const SHARED = [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, reactHooks.configs.flat.recommended].flat();
const OWN = {
  "max-lines": ["error", 200],
  "max-lines-per-function": ["error", 80],
  "max-depth": ["error", 3],
  "max-params": ["error", 6],
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
};
const ALL = [...SHARED.flatMap((config) => Object.keys(config.rules ?? {})), ...Object.keys(OWN)];

export default defineConfig(
  { ignores: ["dist"] },
  ...SHARED,
  { languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] } } }, rules: OWN },
  // Generated code follows no rule of ours; it is not ignored, for a file that is named on the command line would then warn.
  { files: ["src/api/generated/**"], rules: Object.fromEntries(ALL.map((rule) => [rule, "off"])) },
  zone(["src/lib/**"], ["/(app|features|components|api)/", "lib knows nothing but itself"]),
  zone(["src/api/**"], ["/(app|features|components)/", "api knows lib alone"]),
  zone(["src/components/**"], ["/(app|features)/", "a component knows no page"]),
  zone(["src/features/*/*"], ["^\\.\\./(?!\\.\\./(api|components|lib|testing)/)", OTHER_FEATURE]),
  zone(["src/features/*/*/*"], ["^\\.\\./\\.\\./(?!\\.\\./(api|components|lib|testing)/)", OTHER_FEATURE]),
  zone(["src/testing/**"], ["/(app|features)/", "what tests share knows no page"]),
);
