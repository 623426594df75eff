//! Starting a process in a session of its own, so that neither our end nor Ctrl-C in our terminal
//! reaches it.
//!
//! The session and the change of user come from `setsid`(1) and `setpriv`(1) of util-linux: both
//! replace themselves with the program, so the pid stays, and no code runs between fork and exec here.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;
use tokio::sync::watch;

use super::{Identity, Process};

/// What a launched process keeps of our environment: never our secrets, and never a variable that
/// would change an app's settings.
const INHERITED: [&str; 8] = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Another user to run as; needs root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunAs {
    pub uid: u32,
    pub gid: u32,
    /// A capability it keeps, as `setpriv` spells it (`dac_read_search`).
    pub capability: Option<&'static str>,
}

impl RunAs {
    /// `setpriv` and its arguments, up to the program.
    pub fn prefix(&self) -> Vec<OsString> {
        let mut words = vec![
            "setpriv".to_owned(),
            format!("--reuid={}", self.uid),
            format!("--regid={}", self.gid),
            "--clear-groups".to_owned(),
        ];
        match self.capability {
            Some(name) => words.extend([
                format!("--inh-caps=-all,+{name}"),
                format!("--ambient-caps=-all,+{name}"),
                format!("--bounding-set=-all,+{name}"),
            ]),
            None => words.extend(["--inh-caps=-all".to_owned(), "--ambient-caps=-all".to_owned()]),
        }
        words.push("--".to_owned());
        words.into_iter().map(OsString::from).collect()
    }
}

/// A process to be.
#[derive(Clone, Debug)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(String, OsString)>,
    folder: Option<PathBuf>,
    run_as: Option<RunAs>,
}

impl Launch {
    /// `program` is an absolute path.
    pub fn new(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            folder: None,
            run_as: None,
        }
    }

    pub fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The working folder.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    pub fn run_as(mut self, run_as: Option<RunAs>) -> Self {
        self.run_as = run_as;
        self
    }

    /// Starts it in its own session; both output streams are appended to `log`.
    pub fn spawn(&self, log: &Path) -> io::Result<Process> {
        let output = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(log)?;
        let mut command = self.command(Some("setsid"))?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let mut child = command.spawn()?;
        let pid = child.id().ok_or(io::ErrorKind::NotFound)? as i32;
        let identity = Identity::read(pid).map(|(_, identity)| identity);
        let (sender, receiver) = watch::channel(None);
        let process = identity.and_then(|identity| Process::child(identity, receiver));
        tokio::spawn(async move {
            if let Ok(status) = child.wait().await {
                sender.send_replace(Some(status));
            }
        });
        process
    }

    /// Runs it to its end with the same user and environment, and returns what it printed.
    pub async fn output(&self) -> io::Result<std::process::Output> {
        self.command(None)?
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
    }

    fn command(&self, session: Option<&str>) -> io::Result<Command> {
        // Behind setsid a missing program would only be a line in the log.
        if !self.program.is_file() {
            let message = format!("{} is not there", self.program.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let mut words: Vec<OsString> = session.map(OsString::from).into_iter().collect();
        words.extend(self.run_as.iter().flat_map(RunAs::prefix));
        words.push(self.program.clone().into());
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args(&self.arguments).env_clear();
        for name in INHERITED {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        Ok(command)
    }
}
