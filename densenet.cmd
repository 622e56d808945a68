@echo off
rem Runs densenet4j's command line on Windows: finds a JDK 25 or newer, builds what is not built yet, passes the flags the kernels need.
setlocal EnableExtensions DisableDelayedExpansion
set "ROOT=%~dp0"
set "JAVA="

if defined DENSENET_JAVA_HOME (
  call :try "%DENSENET_JAVA_HOME%"
  if not defined JAVA (
    echo densenet: DENSENET_JAVA_HOME does not name a JDK 25 or newer: %DENSENET_JAVA_HOME% 1>&2
    exit /b 1
  )
)
if not defined JAVA if defined JAVA_HOME call :try "%JAVA_HOME%"
if not defined JAVA for %%J in (java.exe) do if not "%%~$PATH:J"=="" call :try "%%~dp$PATH:J.."
for %%P in ("%ProgramFiles%\Java" "%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%USERPROFILE%\.jdks") do (
  if exist "%%~P" for /d %%D in ("%%~P\*") do if not defined JAVA call :try "%%~D"
)
if not defined JAVA (
  echo densenet: no JDK 25 or newer was found in JAVA_HOME, on the PATH or in the usual places. 1>&2
  echo Install one, for example Temurin 25, or name it: set DENSENET_JAVA_HOME=C:\path\to\jdk 1>&2
  exit /b 1
)

if not exist "%ROOT%cli\target\densenet4j-cli.jar" (
  where mvn >nul 2>nul
  if errorlevel 1 (
    echo densenet: it is not built yet, and there is no Maven, mvn, on the PATH to build it. 1>&2
    exit /b 1
  )
  echo densenet: building ... 1>&2
  call mvn -q -B -f "%ROOT%pom.xml" -pl core,cli -am -DskipTests -Dformat.skip=true package 1>&2
  if errorlevel 1 (
    echo densenet: the build failed, see above. 1>&2
    exit /b 1
  )
)

"%JAVA%" --add-modules jdk.incubator.vector -XX:+UseSerialGC -Xmn64m -XX:ObjectAlignmentInBytes=64 -XX:MaxRAMPercentage=75 --enable-native-access=ALL-UNNAMED %DENSENET_JAVA_OPTS% -cp "%ROOT%cli\target\densenet4j-cli.jar;%ROOT%cli\target\lib\*" io.github.densenet4j.cli.Main %*
exit /b %ERRORLEVEL%

rem Takes the JDK in a directory if its release file says 25 or more.
:try
if not exist "%~1\bin\java.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims==." %%V in ('findstr /b "JAVA_VERSION=" "%~1\release"') do call :newer "%~1" %%V
exit /b 0

:newer
set "VERSION=%~2"
set "VERSION=%VERSION:"=%"
if %VERSION% GEQ 25 set "JAVA=%~1\bin\java.exe"
exit /b 0
