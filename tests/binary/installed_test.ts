// One module, so that all of these share one clean root: fetching its packages takes longer than the tests.
import "./installed/packages.ts";
import "./installed/walg_env.ts";
import "./installed/container.ts";
