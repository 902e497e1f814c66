/** What holds for the sources in their sandbox holds for the executable: signals, logs, commands, their exit statuses. */
import "./executable.ts";
import "../commands/serve_test.ts";
import "../commands/once_test.ts";
import "../commands/check_test.ts";
import "../commands/interrupt_test.ts";
import "../e2e/web_config_test.ts";
