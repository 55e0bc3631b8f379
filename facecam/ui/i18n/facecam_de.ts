<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Picture</source>
        <translation>&amp;Bild</translation>
    </message>
    <message>
        <source>&amp;Camera</source>
        <translation>&amp;Kamera</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>P&amp;eople</source>
        <translation>&amp;Personen</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
    <message>
        <source>Recognise faces and their expressions</source>
        <translation>Gesichter und ihren Ausdruck erkennen</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>Gegenstände</translation>
    </message>
    <message>
        <source>Recognise what is held up</source>
        <translation>Erkennen, was hochgehalten wird</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Hold the picture; nothing is recognised or logged meanwhile</source>
        <translation>Das Bild anhalten; solange wird nichts erkannt und nichts protokolliert</translation>
    </message>
    <message>
        <source>Take a snapshot</source>
        <translation>Foto aufnehmen</translation>
    </message>
    <message>
        <source>Save the picture as it is shown</source>
        <translation>Das Bild speichern, wie es zu sehen ist</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Record what is shown as a video</source>
        <translation>Aufnehmen, was zu sehen ist, als Video</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Datei öffnen …</translation>
    </message>
    <message>
        <source>Open an address…</source>
        <translation>Adresse öffnen …</translation>
    </message>
    <message>
        <source>Demo, without a camera</source>
        <translation>Vorführung, ohne Kamera</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>Show the picture like a mirror</source>
        <translation>Das Bild wie in einem Spiegel zeigen</translation>
    </message>
    <message>
        <source>Blur strangers</source>
        <translation>Fremde unkenntlich machen</translation>
    </message>
    <message>
        <source>Blur everybody who is not known: here, in snapshots and in recordings</source>
        <translation>Alle unkenntlich machen, die nicht bekannt sind: hier, in Fotos und in Aufnahmen</translation>
    </message>
    <message>
        <source>Figures beside faces</source>
        <translation>Zahlen neben Gesichtern</translation>
    </message>
    <message>
        <source>Show distances and percentages beside the faces</source>
        <translation>Abstände und Prozente neben den Gesichtern zeigen</translation>
    </message>
    <message>
        <source>Only the picture</source>
        <translation>Nur das Bild</translation>
    </message>
    <message>
        <source>Hide everything but the picture</source>
        <translation>Alles außer dem Bild ausblenden</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Fill the whole screen</source>
        <translation>Den ganzen Bildschirm füllen</translation>
    </message>
    <message>
        <source>Undo the last correction</source>
        <translation>Letzte Korrektur zurücknehmen</translation>
    </message>
    <message>
        <source>Take back what was last said of a face</source>
        <translation>Zurücknehmen, was zuletzt über ein Gesicht gesagt wurde</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Show all keys</source>
        <translation>Alle Tasten zeigen</translation>
    </message>
</context>
<context>
    <name>AddressLine</name>
    <message>
        <source>&amp;Address of the camera:</source>
        <translation>&amp;Adresse der Kamera:</translation>
    </message>
    <message>
        <source>Address of the camera</source>
        <translation>Adresse der Kamera</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>Badge</name>
    <message>
        <source>Recording, {time}</source>
        <translation>Aufnahme läuft, {time}</translation>
    </message>
</context>
<context>
    <name>CameraMenu</name>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>Films and pictures ({patterns})</source>
        <translation>Filme und Bilder ({patterns})</translation>
    </message>
    <message>
        <source>Open a film or a picture</source>
        <translation>Film oder Bild öffnen</translation>
    </message>
    <message>
        <source>No camera was found</source>
        <translation>Es wurde keine Kamera gefunden</translation>
    </message>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
    </message>
</context>
<context>
    <name>CameraScenes</name>
    <message>
        <source>The picture comes from elsewhere now: begin again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taken back: these pictures of {name} are not in the gallery any more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One moment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recognition is being prepared.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Skip this pose</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pose {number} of {count}: {pose}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture is held. Let it go on first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture was lost; it is tried again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no picture any more. Skip the poses that are left, or cancel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no picture any more, so that nothing can be tested.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which pictures shall be kept?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures that will be kept: {kept} of {count}. Pictures that differ are what helps.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on choosing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Throw them away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Throw the pictures away?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has been saved yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes, the same person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No, somebody else</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Is this the same person as {rival}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{rival} is enrolled already and looks almost the same. If they are one person, {rival} gains the pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look into the camera once more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finish without the test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is enrolled. Now it is tried out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Self-test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Retake pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enrolled and recognised</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enrolled, but not recognised yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None of the pictures adds anything to what is there already, or none was kept. Take some again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was saved</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ChecklistView</name>
    <message>
        <source>What the picture must have</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{check}: yes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{check}: no</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{check}: not yet looked at</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ClosestPairView</name>
    <message>
        <source>Closest pair of people</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photo of {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nobody else to be mistaken for: enrol a second person to see how far apart they are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{distance} apart: nearer than the threshold. Only the margin keeps one from getting the other&apos;s name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{distance} apart: farther than the threshold.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConflictView</name>
    <message>
        <source>The new picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}, enrolled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Distance {distance}: the smaller, the more alike; 0 is the same picture.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Consent</name>
    <message>
        <source>This person agrees that pictures of their face are kept on this computer, so that it recognises them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures and logs stay on this computer: facecam sends nothing anywhere, and you can remove anybody at any time.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Correcting</name>
    <message>
        <source>Nothing is looked at any more: open a camera or a film first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taken back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is not {name} any more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Named: {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The face has gone: nothing was changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to take back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no picture of this face yet that is good enough: it should look at the camera, near by.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes, this is {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This looks like somebody else who is enrolled. Is it really {name}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This looks like {rival}, who is enrolled already. Is it really {name}, somebody else?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No, it is {rival}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CropCard</name>
    <message>
        <source>Skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Retake</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take a picture: {pose}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take this picture again: {pose}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Decisions</name>
    <message>
        <source>Near enough to one person, and far enough from all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Most of the last looks say so.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody is enrolled yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody who is enrolled looks like this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Like somebody who is enrolled, but not quite enough for the name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Like two people nearly equally.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You said that this is not who it looks like.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another face in the picture has a better claim to this name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not looked at often enough yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It moves as a photo does, and not as a head.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same face as just before: it need not be compared again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hardly a face: it is half hidden, or something else.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The face is too far away: come nearer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The edge of the picture cuts the face: move to the middle.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The face is blurred: hold still, or clean the camera.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The face is too dark: more light is needed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The face is too bright: less light is needed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The face is turned too far away: look at the camera.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It looks like {name}, but you said that it is somebody else.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It looks like {name}, but another face here does so more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It looks like {name}, but moves as a photo does.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Surely a face</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Large enough</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not cut off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sharp</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Well lit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not turned aside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not up or down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not tilted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not compared. {why}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known as {name}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known as {name} by most of the last looks, though the last one alone does not say so.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known as {name}: distance {distance} is under {threshold}, and nobody else is enrolled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known as {name}: distance {distance} is under {threshold}, and the next person is {margin} farther away.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown. {why}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown by most of the last looks, though the last one alone does not say so.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown: the nearest person, {name}, is {distance} away, and more than {limit} is too far.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unsure. {why}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Perhaps {name}: distance {distance} is a little over {threshold}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} or {second}? They are {margin} apart, and {least} is asked for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{pixels} px</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{degrees}°</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>≤ {most}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>≥ {least}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{least} to {most}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EnrolPage</name>
    <message>
        <source>Enrol a person</source>
        <translation type="unfinished">Person aufnehmen</translation>
    </message>
    <message>
        <source>Finish or cancel this first, then drop the photos again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Look at the photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the &amp;camera</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos or folders: {count}. Each shall show this person&apos;s face, alone or to be chosen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Begin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose &amp;photos…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You will be asked to look at the camera and to turn your head. Photos can be dropped here, too.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">Abbrechen</translation>
    </message>
    <message>
        <source>Who is it?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The gallery is not read yet: one moment, please.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures ({patterns})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is enrolled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What to do now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EnrolPanel</name>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EnrolStart</name>
    <message>
        <source>&amp;Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First name, or any name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is enrolled already and gains pictures.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Enrolment</name>
    <message>
        <source>Straight ahead</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To the left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To the right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chin up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chin down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One face</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Near enough</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sharp</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Well lit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Head turned as asked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Very good, stay like this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Come before the camera.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One face only, please.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is somebody else: the same person as before, please.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show your whole face, with nothing before it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move to the middle: the edge cuts your face.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Come nearer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hold still.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More light on your face, please.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Less light on your face, please.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not so far: turn back a little.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look straight into the camera and hold still.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turn your head slowly to your left.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turn your head slowly to your right.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Raise your chin a little.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lower your chin a little.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The camera stands too far to one side: put it at eye level, or skip this pose.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left out by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too like another picture: it would add nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too like a photo that is there already</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The face is not found again in it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looks like somebody else</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is not recognised yet: the face was taken for {other}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was seen too briefly to be tested.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is not recognised yet: too different from the pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is not recognised for sure yet: almost too different from the pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is not recognised for sure: {other} looks almost the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} looks like a face of which you said that it is somebody else.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was not tested: nobody was before the camera.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was not tested: several faces were before the camera.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was not seen well enough to be tested. {advice}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is recognised.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Distance to the pictures: {distance}. A name is given up to {threshold}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next is {other}, at {distance}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FaceChoice</name>
    <message>
        <source>Faces in this photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Face {number} of {count}, from left to right</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FaceMenu</name>
    <message>
        <source>&amp;Name this person…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is no&amp;t {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only while the face is seen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Why?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Enrol with more pictures…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Undo the last correction</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FigureList</name>
    <message>
        <source>Distance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Margin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Votes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{margin}, at least {least}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{votes} of {all}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nobody</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{distance} to {name}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>just now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FindingsView</name>
    <message>
        <source>Findings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos with something to say of: {count}. Those that hurt are ticked; set aside, they are out of use, but nothing is deleted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All photos are good.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring back the last that were set aside: {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: {file}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{reason}; stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set aside: {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>as it is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>without those that hurt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos in use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos that the others would name right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos that the others would give a false name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos that the others would leave unnamed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Median distance within a person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Median distance between people</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>GalleryDeeds</name>
    <message>
        <source>Taken back: {deed}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{before} is called {now}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was removed: {went}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos of {name} that were removed: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is {into} now; photos that moved: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos that were set aside: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos that were brought back: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos that were added for {name}: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>photos: {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>photos that were set aside: {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>faces that are not this person: {count}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>GalleryPage</name>
    <message>
        <source>Find a name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>People</source>
        <translation type="unfinished">Personen</translation>
    </message>
    <message>
        <source>Nobody</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enrol a person</source>
        <translation type="unfinished">Person aufnehmen</translation>
    </message>
    <message>
        <source>Check all photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No photos. Drop some here, or add some with the button above.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set photos aside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">Abbrechen</translation>
    </message>
    <message>
        <source>Folder: {path}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The gallery is being read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody is enrolled yet. Enrol a person with the camera or from photos; or make a folder with the person&apos;s name and put photos into it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nobody else to merge {name} with.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at photos for {name}…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every photo is looked at…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>GalleryQuestions</name>
    <message>
        <source>Remove {name}? The folder is deleted with everything in it ({went}), and what was computed from it. Logs keep the name. You can take it back while this page is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything in the folder of {name} goes to {into}, who will have {count} photos. The name {name} is gone, and so is what was said of one of the two not being the other. You can take it back while this page is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is the same person as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Merge</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>GateList</name>
    <message>
        <source>{value} ({limit})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not measured</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>passed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>failed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Histogram</name>
    <message>
        <source>Distances in this gallery</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>automatic {value}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pinned {value}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos of one person, to each other</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos, to the nearest other person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strangers, as measured on a public set</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>KeptCrops</name>
    <message>
        <source>Pictures</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>KeysOverlay</name>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation>Links, Rechts</translation>
    </message>
    <message>
        <source>Choose a face</source>
        <translation>Ein Gesicht wählen</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>What may be done with the face</source>
        <translation>Was mit dem Gesicht getan werden kann</translation>
    </message>
    <message>
        <source>In the picture</source>
        <translation>Im Bild</translation>
    </message>
</context>
<context>
    <name>Line</name>
    <message>
        <source>Put the message away</source>
        <translation>Meldung schließen</translation>
    </message>
</context>
<context>
    <name>Looks</name>
    <message>
        <source>While objects are recognised, nobody is blurred: faces are not looked for.</source>
        <translation>Während Gegenstände erkannt werden, wird niemand unkenntlich gemacht: Gesichter werden nicht gesucht.</translation>
    </message>
    <message>
        <source>Only the picture. H or Escape brings everything back.</source>
        <translation>Nur das Bild. H oder Escape holt alles zurück.</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>What is wrong</source>
        <translation>Was nicht stimmt</translation>
    </message>
</context>
<context>
    <name>MirrorView</name>
    <message>
        <source>Live picture, like a mirror</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NameField</name>
    <message>
        <source>Name this person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Who is this?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">Abbrechen</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
    <message>
        <source>Threshold studio</source>
        <translation>Schwellen-Studio</translation>
    </message>
    <message>
        <source>Gallery</source>
        <translation>Galerie</translation>
    </message>
    <message>
        <source>Enrol a person</source>
        <translation>Person aufnehmen</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
</context>
<context>
    <name>People</name>
    <message>
        <source>Here now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Was here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown visitors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not compared</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only objects are looked at. Switch to faces to see who is here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody is here right now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody is here yet. Whoever comes before the camera appears here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>since {time} · {duration}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{begin} to {end}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} visits since {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not sure</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PeopleModel</name>
    <message>
        <source>Photos: {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos: {count}, in use: {used}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PeoplePanel</name>
    <message>
        <source>People</source>
        <translation type="unfinished">Personen</translation>
    </message>
    <message>
        <source>The arrow keys choose somebody, Enter opens the menu.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PersonHeader</name>
    <message>
        <source>Add photos…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Merge…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove person…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>d MMMM yyyy</source>
        <comment>a date, as QLocale writes it</comment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{photos}. Enrolled on {date}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Consent: {words}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No consent is noted; person.toml in the folder has a place for it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PhotoChooser</name>
    <message>
        <source>Pictures ({patterns})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PhotoList</name>
    <message>
        <source>Photos</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PhotoModel</name>
    <message>
        <source>Not used: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PhotoScenes</name>
    <message>
        <source>Looking at the photos…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">Abbrechen</translation>
    </message>
    <message>
        <source>{name} is enrolled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was added</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose &amp;faces ({count})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for faces…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}, photo {number} of {count}. Click a face, or choose it with the arrow keys.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None of them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which face is {name}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes, the same person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No, somebody else</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Is this the same person as {rival}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{rival} is enrolled already and looks almost the same. If they are one person, {rival} gains the photos.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taking it back…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taken back: none of these photos is in the gallery.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PlacesView</name>
    <message>
        <source>Privacy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing leaves this machine: pictures are looked at here and thrown away. What is kept is below, and you may look at it and delete it at any time. The log holds names, distances and times, but no pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>People and their photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>These settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open folder: {what}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Promise</name>
    <message>
        <source>Fewer than 1 stranger in {whole} gets a name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About 1 stranger in {whole} gets a name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About {count} strangers in {whole} get a name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fewer than 1 in {whole} sightings of an enrolled person stays unnamed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 in {whole} sightings of an enrolled person stays unnamed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} in {whole} sightings of an enrolled person stay unnamed.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Question</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">Abbrechen</translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>no face was found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>several faces: crop the photo to one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not a picture that can be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face is not clear enough</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face is too small</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face is cut by the edge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face is blurred</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face is too dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face is too bright</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face is turned too far</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the face was not found again in the saved picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the same picture is there already</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>looks like somebody else</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too like a photo of another person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lies outside a person&apos;s folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the folder&apos;s name cannot be a person&apos;s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>person.toml is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>has the same id as another person</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Seen</name>
    <message>
        <source>In the picture: {distance} from {name}, gets the name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the picture: {distance} from {name}, unsure.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the picture: {distance} from {name}, stays unknown.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Default</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Default for: {setting}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to {value}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>off</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Camera</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Picture size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asked of the camera, which may answer with another. Larger shows farther faces, and is slower.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asked of the camera as well.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Faces</source>
        <translation type="unfinished">Gesichter</translation>
    </message>
    <message>
        <source>Smallest face that is found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smaller faces are not looked for. A larger number is faster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> px</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smallest face that is compared</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A smaller one is shown, but gets no name: too few pixels make people alike.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Somebody has left after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unseen for so long, a person counts as gone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not trust a picture of a face</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A face that moves like a photo for two seconds is unsure. It helps against a photo held up; it is no lock.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at most 1 in {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strangers who may get a name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fewer strangers with a name means more people without one. The threshold studio shows both; a threshold that is pinned there counts instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looks that must agree on a name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More make a first name later, and surer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network that compares faces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another one reads all photos anew, and has a threshold of its own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the mirror image as well</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A little surer, and takes twice as long for each face.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follow faces from picture to picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spares most of the work. Off, every picture is searched and every face compared.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor cores for recognition</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More is faster, up to what the machine has; the picture needs some of it, too.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>facecam (recommended)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenFace, 2016</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Open the camera again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>as the system has it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes effect at the next start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The camera gets its new settings when it is opened again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At the next start {variable} in the environment counts instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A threshold is pinned in the threshold studio and counts instead: {value}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not known yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no log is written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In force until the end, but not kept: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Situation</name>
    <message>
        <source>The end</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>The picture was lost</source>
        <translation>Das Bild ging verloren</translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation>Es wird von selbst wieder versucht.</translation>
    </message>
    <message>
        <source>Only once on this machine; it takes about half a minute.</source>
        <translation>Nur einmal auf diesem Rechner; es dauert etwa eine halbe Minute.</translation>
    </message>
    <message>
        <source>Preparing the networks</source>
        <translation>Netze werden vorbereitet</translation>
    </message>
    <message>
        <source>Opening {source}</source>
        <translation>{source} wird geöffnet</translation>
    </message>
    <message>
        <source>Reading the photos of the people you know</source>
        <translation>Die Fotos der bekannten Personen werden gelesen</translation>
    </message>
    <message>
        <source>Preparing recognition</source>
        <translation>Die Erkennung wird vorbereitet</translation>
    </message>
    <message>
        <source>The picture comes when strangers can be blurred</source>
        <translation>Das Bild kommt, sobald Fremde unkenntlich gemacht werden können</translation>
    </message>
    <message>
        <source>Play again</source>
        <translation>Noch einmal abspielen</translation>
    </message>
    <message>
        <source>There is no picture</source>
        <translation>Es gibt kein Bild</translation>
    </message>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
    </message>
    <message>
        <source>Cameras on this machine:</source>
        <translation>Kameras an diesem Rechner:</translation>
    </message>
    <message>
        <source>No camera was found on this machine. Plug one in, or look at a file or at the demo.</source>
        <translation>An diesem Rechner wurde keine Kamera gefunden. Stecken Sie eine ein, oder sehen Sie eine Datei oder die Vorführung an.</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>Status</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>{rate} pictures a second</source>
        <translation>{rate} Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Faces: {count}</source>
        <translation>Gesichter: {count}</translation>
    </message>
    <message>
        <source>Left out: {count}</source>
        <translation>Ausgelassen: {count}</translation>
    </message>
    <message>
        <source>Pictures that were shown while another was still being recognised</source>
        <translation>Bilder, die gezeigt wurden, während noch ein anderes erkannt wurde</translation>
    </message>
    <message>
        <source>{source}: opening</source>
        <translation>{source}: wird geöffnet</translation>
    </message>
    <message>
        <source>{source}: lost, trying again</source>
        <translation>{source}: verloren, neuer Versuch</translation>
    </message>
    <message>
        <source>{source}: not there</source>
        <translation>{source}: nicht da</translation>
    </message>
    <message>
        <source>{source}: over</source>
        <translation>{source}: zu Ende</translation>
    </message>
    <message>
        <source>{source}, {wide} × {high}</source>
        <translation>{source}, {wide} × {high}</translation>
    </message>
    <message>
        <source>Log: not written</source>
        <translation>Protokoll: wird nicht geschrieben</translation>
    </message>
    <message>
        <source>Log: written</source>
        <translation>Protokoll: wird geschrieben</translation>
    </message>
    <message>
        <source>Log: begins soon</source>
        <translation>Protokoll: beginnt gleich</translation>
    </message>
    <message>
        <source>Log: off</source>
        <translation>Protokoll: aus</translation>
    </message>
    <message>
        <source>Nothing of what is seen is kept</source>
        <translation>Von dem, was zu sehen ist, wird nichts aufbewahrt</translation>
    </message>
</context>
<context>
    <name>ThresholdChoice</name>
    <message>
        <source>Threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pinned threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Automatic for the gallery:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Pinned at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strangers who may get a name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at most 1 stranger in {count} gets a name</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ThresholdStudio</name>
    <message>
        <source>Enrol a person</source>
        <translation type="unfinished">Person aufnehmen</translation>
    </message>
    <message>
        <source>A face gets the name of the nearest photo if it is nearer than the threshold. Farther left, fewer strangers get a name; farther right, fewer people stay unnamed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Revert</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The distances are being measured.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody is enrolled, so nobody gets a name and there is nothing to measure. Enrol one person to see how many strangers would be taken for them, and a second one to see how far apart the two are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only objects are looked at. Switch to faces to try thresholds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The gallery is being read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>People with a photo nearer than this to somebody else&apos;s: {count} of {people}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many stay unnamed is taken from a public set until {people} people have two photos each.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody in the picture is compared now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept in {path}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At the next start {variable} in the environment counts instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In force until the end, but not kept: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Toast</name>
    <message>
        <source>News</source>
        <translation>Neuigkeit</translation>
    </message>
</context>
<context>
    <name>Verdicts</name>
    <message>
        <source>{file}: is there already</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: refused, {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: added</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was added: these photos look like {rival}, who is enrolled (distance {distance}). If they do show {name}, add them all the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There was no picture among the files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos for {name}. Added: {added}, there already: {there}, refused: {refused}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VerdictsView</name>
    <message>
        <source>What became of each photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add all the same</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished">Schließen</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Live picture</source>
        <translation>Lebendes Bild</translation>
    </message>
    <message>
        <source>The arrow keys choose a face, Enter opens its menu.</source>
        <translation>Die Pfeiltasten wählen ein Gesicht, die Eingabetaste öffnet sein Menü.</translation>
    </message>
</context>
<context>
    <name>WhyPanel</name>
    <message>
        <source>Why?</source>
        <translation type="unfinished">Warum?</translation>
    </message>
    <message>
        <source>Click a face in the picture, or choose a card, and ask “Why?” there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What a face must be to be compared</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Hold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep what is shown, although the face goes on moving</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No longer here, last seen at {time}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right now it is not compared. {why}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seen at {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seen at {time}, not compared</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No photo to compare with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The nearest photo of {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A photo of {name} that cannot be read now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WhyScale</name>
    <message>
        <source>Scale of distances</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threshold {distance}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unsure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unknown</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Back to the picture</source>
        <translation>Zurück zum Bild</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Buttons</source>
        <translation>Schaltflächen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Choose another…</source>
        <translation>Eine andere wählen …</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Datei öffnen …</translation>
    </message>
    <message>
        <source>See the demo</source>
        <translation>Vorführung ansehen</translation>
    </message>
    <message>
        <source>Saved as {path}</source>
        <translation>Gespeichert als {path}</translation>
    </message>
    <message>
        <source>The film is saved as {path}</source>
        <translation>Der Film ist gespeichert als {path}</translation>
    </message>
    <message>
        <source>There is no picture to keep.</source>
        <translation>Es gibt kein Bild, das sich speichern ließe.</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>Something went wrong inside ({kind}). You can go on; please report it with what the terminal says.</source>
        <translation>Im Innern ging etwas schief ({kind}). Sie können weitermachen; bitte melden Sie es mit dem, was im Terminal steht.</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>hardly a face</source>
        <translation>kaum ein Gesicht</translation>
    </message>
    <message>
        <source>too far away</source>
        <translation>zu weit weg</translation>
    </message>
    <message>
        <source>cut off at the edge</source>
        <translation>am Rand abgeschnitten</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>unscharf</translation>
    </message>
    <message>
        <source>too dark</source>
        <translation>zu dunkel</translation>
    </message>
    <message>
        <source>too bright</source>
        <translation>zu hell</translation>
    </message>
    <message>
        <source>turned away</source>
        <translation>abgewandt</translation>
    </message>
    <message>
        <source>angry</source>
        <translation>verärgert</translation>
    </message>
    <message>
        <source>disgust</source>
        <translation>Ekel</translation>
    </message>
    <message>
        <source>fear</source>
        <translation>Angst</translation>
    </message>
    <message>
        <source>happy</source>
        <translation>fröhlich</translation>
    </message>
    <message>
        <source>sad</source>
        <translation>traurig</translation>
    </message>
    <message>
        <source>surprise</source>
        <translation>überrascht</translation>
    </message>
    <message>
        <source>neutral</source>
        <translation>neutral</translation>
    </message>
</context>
</TS>
